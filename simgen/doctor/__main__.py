"""`python -m simgen.doctor [key=value ...]`: would this run work on this machine?"""

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints what was found, and returns the exit code: 0 if the run would work."""
    try:
        from simgen.doctor.report import report
    except ModuleNotFoundError as error:  # what every command of simgen needs
        remedy = "pip install -c constraints.txt -e ."
        print(f"simgen: {error.name} is missing: {remedy}", file=sys.stderr)
        return 1
    return report(sys.argv[1:] if arguments is None else arguments)


if __name__ == "__main__":
    sys.exit(main())
