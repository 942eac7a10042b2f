"""quality=budget: the choice fills the time, as a clock that only frames move says."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pytest
import yaml

from simgen.dataset import Dataset
from simgen.errors import Interrupted, SimgenError
from simgen.farm import pilot
from simgen.farm.budget import Bounds, Choice, Costs, choose, seconds_of, told
from simgen.farm.plan import found
from simgen.farm.processes import Processes
from simgen.farm.spend import spent
from simgen.generate import generate
from simgen.stop import Stop
from simgen.writers.images import Images
from tests import rectangles

BOUNDS = Bounds(4, 16, 512)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("30m", 1800), ("2h", 7200), ("1h30m", 5400), ("1h30m5s", 5405), ("0.5h", 1800)],
)
def test_durations(text, seconds):
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["2 hours", "2", 2, "h", "", "-2h", "0s", "30m1h", "1..5h", "2hh"])
def test_what_is_no_duration(text):
    with pytest.raises(SimgenError, match="must be a time such as 90s, 30m, 2h or 1h30m"):
        seconds_of(text)


def test_durations_are_told_rounded_up():
    assert [told(s) for s in (0.2, 44.1, 99, 101, 3600, 3661)] == [
        "1s", "45s", "99s", "2m", "1h00m", "1h02m"]  # fmt: skip


# in closed form


@pytest.mark.parametrize("at_once", [1, 3])
@pytest.mark.parametrize("budget", [100.0, 1000.0, 7200.0])
def test_the_number_of_frames_is_the_greatest_that_fits(at_once, budget):
    costs = Costs(start_s=5.0, fixed_s=2.0, sample_s=0.5, at_once=at_once)
    choice = choose(costs, 20.0, budget, BOUNDS, None)
    assert choice.samples == 16
    assert 20 + costs.seconds(choice.frames, 16) <= budget
    assert 20 + costs.seconds(choice.frames + at_once, 16) > budget


@pytest.mark.parametrize("frames", [1, 7, 100])
@pytest.mark.parametrize("at_once", [1, 3])
def test_the_number_of_samples_is_the_greatest_that_fits(at_once, frames):
    costs = Costs(5.0, 2.0, 0.05, at_once)
    choice = choose(costs, 20.0, 450.0, BOUNDS, frames)
    assert choice.frames == frames and 4 <= choice.samples <= 512
    assert 20 + costs.seconds(frames, choice.samples) <= 450
    if choice.samples < 512:
        assert 20 + costs.seconds(frames, choice.samples + 1) > 450


def test_the_known_case():
    costs = Costs(10.0, 4.0, 0.5, 2)
    assert choose(costs, 50.0, 660.0, BOUNDS, None) == Choice(16, 100)  # 50 rounds of 12 s
    assert choose(costs, 50.0, 660.0, BOUNDS, 100) == Choice(16, 100)
    assert choose(costs, 50.0, 660.0, BOUNDS, 50) == Choice(40, 50)  # 25 rounds of 24 s
    assert choose(costs, 50.0, 660.0, BOUNDS, 2) == Choice(512, 2)  # the most
    assert choose(Costs(0.0, 1.0, 0.0), 1.0, 100.0, BOUNDS, 2) == Choice(512, 2)


@pytest.mark.parametrize(("commit_s", "samples"), [(0.5, 16), (9.0, 16), (30.0, 16)])
@pytest.mark.parametrize("frames", [1, 2, 7, 100])
def test_files_that_are_written_meanwhile_cost_what_they_take_longer(commit_s, samples, frames):
    """Held against two people in a row, of whom one renders and the other writes."""
    costs = Costs(5.0, 2.0, 0.5, 1, commit_s)
    rendered = written = 5.0
    for _ in range(frames):  # a worker has one frame at a time on its way to the disk
        rendered = max(rendered + costs.fixed_s + samples * costs.sample_s, written)
        written = rendered + commit_s
    assert costs.seconds(frames, samples) == pytest.approx(written)
    assert costs.frames_within(written, samples) == frames
    assert costs.frames_within(written - 0.01, samples) == frames - 1
    assert costs.samples_within(written, frames) == pytest.approx(samples)


@pytest.mark.parametrize(("overlaps", "fixed_s", "commit_s"), [(True, 8, 5), (False, 13, 0)])
def test_files_are_counted_apart_where_they_are_written_meanwhile(
    tmp_path, monkeypatch, overlaps, fixed_s, commit_s
):
    monkeypatch.setattr("simgen.farm.launcher.perf_counter", CLOCK)
    monkeypatch.setattr(Processes, "overlaps", overlaps)
    CLOCK.is_new = False
    asked = config(tmp_path / "out", "10h")
    with Stop() as stop:
        made = spent(asked, lambda c: replace(build(c), writers=SLOW), steady, stop)
    costs = Costs(**made["budget"]["costs"])
    assert costs.fixed_s == pytest.approx(fixed_s) and costs.commit_s == pytest.approx(commit_s)
    assert costs.sample_s == pytest.approx(2.0) and costs.frame_s(16) == 32 + fixed_s


@pytest.mark.parametrize(("workers", "overlaps"), [(0, False), (1, True), ("auto", True)])
def test_worker_processes_write_files_meanwhile(workers, overlaps):
    assert Processes(workers).overlaps == overlaps


def test_a_plan_of_before_files_were_counted_apart_is_still_one(tmp_path):
    run(tmp_path / "out", "10m")
    path = tmp_path / "out/config/config.yaml"
    kept = yaml.safe_load(path.read_text())
    del kept["budget"]["costs"]["commit_s"]
    path.write_text(yaml.safe_dump(kept))
    assert found(tmp_path / "out")[0].costs.commit_s == 0


@pytest.mark.parametrize(("frames", "least"), [(None, 12.0), (10, 60.0)])
def test_too_small_a_budget_says_how_much_would_do(frames, least):
    costs = Costs(0.0, 4.0, 0.5)
    with pytest.raises(SimgenError) as error:
        choose(costs, 10.0, 10 + least - 0.1, BOUNDS, frames)
    needed = str(error.value).partition("give budget=")[2].partition(",")[0]
    choose(costs, 10.0, seconds_of(needed), BOUNDS, frames)
    assert seconds_of(needed) <= 1.1 * (10 + least) + 1
    choose(costs, 10.0, 10 + least, BOUNDS, frames)


@pytest.mark.parametrize("samples", [(0, 16, 512), (4, 2, 512), (4, 16, 8), (4, 16.5, 20)])
def test_bounds_that_cannot_be(samples):
    with pytest.raises(SimgenError, match="quality.samples"):
        Bounds.of(dict(zip(("samples_min", "samples", "samples_max"), samples)))


# runs whose clock only frames move


class Clock:
    """Seconds that pass when somebody says so."""

    now = 0.0
    is_new = True

    def __call__(self) -> float:
        return self.now


CLOCK = Clock()


@dataclass(frozen=True)
class Costly(rectangles.Rectangles):
    samples: int = 1


def build(config: Mapping) -> Costly:
    CLOCK.now += 1.0
    return Costly(config["seed"], samples=config["renderer"]["samples"], **config["scene"])


def make(recipe: Costly, index: int):
    """A frame that takes 8 s and 2 s a sample, every third one 1 s more, the first one 30 s."""
    CLOCK.now += 8.0 + 2.0 * recipe.samples + (index % 3 == 0) + 30 * CLOCK.is_new
    CLOCK.is_new = False
    return rectangles.make(recipe, index)


def steady(recipe: Costly, index: int):
    """A frame that takes 8 s and 2 s a sample."""
    CLOCK.now += 8.0 + 2.0 * recipe.samples
    return rectangles.make(recipe, index)


@dataclass(frozen=True)
class Slow:
    """Writes pictures, which takes 5 s."""

    def files(self, frame, categories) -> dict[str, bytes]:
        CLOCK.now += 5.0
        return Images("png").files(frame, categories)

    def finish(self, dataset) -> None:
        pass


SLOW = {"images": Slow()}


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    CLOCK.now, CLOCK.is_new = 0.0, True
    monkeypatch.setattr(pilot, "perf_counter", CLOCK)
    monkeypatch.setattr("simgen.farm.launcher.perf_counter", CLOCK)
    monkeypatch.setattr("simgen.farm.spend.perf_counter", CLOCK)


def config(out, budget, frames=None, **quality) -> dict:
    quality = {"samples": 16, "samples_min": 4, "samples_max": 512} | quality
    made = rectangles.config(out, frames=frames, budget=budget, quality=quality)
    made["renderer"]["samples"] = quality["samples"]
    return made


def run(*arguments, **quality):
    return generate(config(*arguments, **quality), build, make)


def samples_of(out) -> int:
    return Dataset.load(out).card.settings["renderer.samples"]


@pytest.mark.parametrize("budget", ["15m", "40m"])
def test_frames_are_made_until_the_time_is_spent(tmp_path, budget):
    summary = run(tmp_path / "out", budget)
    assert seconds_of(budget) - 75 <= CLOCK.now <= 1.02 * seconds_of(budget)
    assert summary.frames_made >= 18 and samples_of(tmp_path / "out") == 16


@pytest.mark.parametrize(("frames", "budget"), [(20, "40m"), ([3, 5, 8, 9, 12], "20m"), (2, "30m")])
def test_frames_that_are_given_get_the_samples_that_fill_the_time(tmp_path, frames, budget):
    summary = run(tmp_path / "out", budget, frames)
    assert 0.95 * seconds_of(budget) <= CLOCK.now <= 1.02 * seconds_of(budget)
    assert summary.frames_made == (frames if isinstance(frames, int) else len(frames))
    assert samples_of(tmp_path / "out") > 40


def test_many_samples_are_tried_before_they_are_chosen(tmp_path):
    """From 64 samples on they take a quarter here: as where pixels stop early."""

    def saving(recipe, index):
        CLOCK.now += 8.0 + 2.0 * min(recipe.samples, 64) + 0.5 * max(0, recipe.samples - 64)
        return rectangles.make(recipe, index)

    asked = config(tmp_path / "out", "10h", 20, samples_max=9999)
    generate(asked, build, saving)
    assert 0.95 * 36000 <= CLOCK.now <= 36000


def test_what_is_chosen_is_tried_where_that_costs_little(tmp_path):
    """51 samples would fill the time if all took as long as the first; those after the 40th take a
    tenth, so that there is room for more than 60."""

    def saving(recipe, index):
        CLOCK.now += 8.0 + 2.0 * min(recipe.samples, 40) + 0.2 * max(0, recipe.samples - 40)
        return rectangles.make(recipe, index)

    with Stop() as stop:
        made = spent(config(tmp_path / "out", "110000s", 1000), build, saving, stop)
    assert made["renderer"]["samples"] > 60
    assert made["budget"]["spent_s"] < 0.02 * 110000


def test_a_scene_is_counted_though_it_stays_in_the_renderer(tmp_path):
    """It takes 20 s to hand one over, unless it is the same as before; 100 scenes are chosen in 500
    seconds."""
    shown = []

    def keeping(recipe, index):
        build_s = 20.0 * (shown[-1:] != [index])
        sample_s = 500.0 * (recipe.samples not in shown) if shown else 500.0
        shown.extend([recipe.samples, index])
        CLOCK.now += build_s + sample_s + 10.0 + recipe.samples
        frame = rectangles.make(recipe, index)
        return replace(frame, seconds={"build": build_s, "sample": sample_s})

    asked = config(tmp_path / "out", "10h", None)
    with Stop() as stop:
        made = spent(asked, lambda c: replace(build(c), together=100), keeping, stop)
    costs = made["budget"]["costs"]
    assert costs["sample_s"] == 1.0 and costs["fixed_s"] == pytest.approx(10 + 20 + 5, abs=0.5)
    assert costs["start_s"] < 10


def test_more_time_than_the_most_samples_take_is_left(tmp_path, caplog):
    caplog.set_level("INFO")
    run(tmp_path / "out", "10h", 2, samples_max=64)
    assert samples_of(tmp_path / "out") == 64 and CLOCK.now < 1200
    assert "2 frames of 64 samples take" in caplog.text


def test_a_run_goes_on_with_what_was_chosen(tmp_path, caplog):
    caplog.set_level("INFO")
    whole = run(tmp_path / "out", "10m")
    removed = sorted((tmp_path / "out/records").iterdir())[5:]
    for path in removed:
        path.unlink()
    CLOCK.now = 0.0
    summary = run(tmp_path / "out", "10m")
    assert (summary.frames_made, summary.frames_there) == (len(removed), whole.frames_there)
    assert CLOCK.now < 10 + 41 * len(removed) and "as chosen before" in caplog.text


def test_a_run_that_was_stopped_before_its_first_frame_chooses_the_same(tmp_path):
    with Stop() as stop:
        first = spent(config(tmp_path / "out", "40m", 20), build, make, stop)
        again = spent(config(tmp_path / "out", "40m", 20), build, make, stop)
        assert again == first
        other = spent(config(tmp_path / "out", "40m", 10), build, make, stop)
    assert other["renderer"]["samples"] > first["renderer"]["samples"]


def test_one_frame_alone_and_another_quality_go_on_with_the_same_samples(tmp_path):
    whole = run(tmp_path / "out", "40m", 20)
    samples = samples_of(tmp_path / "out")
    (tmp_path / "out/records/000007.json").unlink()
    assert run(tmp_path / "out", "40m", [7]).frames_made == 1
    assert run(tmp_path / "out", "40m", 20).frames_made == 0  # chosen by the first run
    standard = config(tmp_path / "out", None, 21)
    standard["quality"] = {"samples": samples}
    standard["renderer"]["samples"] = samples
    assert generate(standard, build, make).frames_made == 21 - whole.frames_there


def test_a_larger_budget_adds_frames_without_another_trial(tmp_path):
    before = run(tmp_path / "out", "10m").frames_there
    CLOCK.now = 0.0
    summary = run(tmp_path / "out", "20m")
    assert 1.9 * before < summary.frames_there < 2.4 * before
    assert CLOCK.now == pytest.approx(40.33 * summary.frames_made, abs=10)


def test_a_lost_plan_is_made_again_for_the_samples_that_are_there(tmp_path):
    run(tmp_path / "out", "40m", 20)
    samples = samples_of(tmp_path / "out")
    path = tmp_path / "out/config/config.yaml"
    for damage in ("{", "budget: {asked: 1}", "[]", "budget: 10m"):
        path.write_text(damage)
        summary = run(tmp_path / "out", "10m")
        assert samples_of(tmp_path / "out") == samples and summary.frames_reused


def test_what_was_chosen_is_kept_with_the_config(tmp_path):
    summary = run(tmp_path / "out", "10m")
    kept = yaml.safe_load((tmp_path / "out/config/config.yaml").read_text())
    assert kept["frames"] == kept["budget"]["frames"] == summary.frames_made
    assert kept["renderer"]["samples"] == kept["quality"]["samples"] == 16
    assert kept["budget"]["costs"]["sample_s"] == pytest.approx(2.0)
    assert kept["budget"]["costs"]["fixed_s"] == pytest.approx(8.5, abs=0.7)


def test_a_trial_for_a_store_is_made_there_and_leaves_nothing(tmp_path, monkeypatch, caplog):
    memory = pytest.importorskip("fsspec").filesystem("memory")
    out, tried = f"memory://{tmp_path.name}", set()

    def looking(recipe, index):
        tried.update(name for name in memory.find(f"/{tmp_path.name}/.scratch"))
        return make(recipe, index)

    assert generate(config(out, "1h", 3), build, looking).frames_made == 3
    assert any(name.endswith("/records/000000.json") for name in tried)
    assert not memory.exists(f"/{tmp_path.name}/.scratch")
    monkeypatch.setattr(type(memory), "rm", refuse)
    generate(config(f"{out}/kept", "1h", 3), build, make)
    assert "kept/.scratch/" in caplog.text and "cannot remove what is there: said no" in caplog.text


def refuse(*_, **__):
    raise PermissionError("said no")


def test_two_workers_make_twice_as_many(tmp_path):
    """Frames really take time here, on two processes, so what they take is not known exactly."""
    two = config(tmp_path / "out", "100s")
    two["launcher"]["workers"] = 2
    with Stop() as stop:
        made = spent(two, slow_build, slow_make, stop)
    costs = made["budget"]["costs"]
    assert costs["at_once"] == 2 and costs["fixed_s"] + 16 * costs["sample_s"] > 0.072
    one = Costs(**{**costs, "at_once": 1})
    left_s = 100 - made["budget"]["spent_s"]
    assert made["frames"] == 2 * one.frames_within(left_s, 16)


def slow_build(config: Mapping) -> Costly:
    return Costly(config["seed"], samples=config["renderer"]["samples"])


def slow_make(recipe: Costly, index: int):
    import time

    time.sleep(0.04 + 0.002 * recipe.samples)
    return rectangles.make(recipe, index)


# what is refused


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"budget": None}, "quality=budget needs a budget=, such as 90s"),
        ({"budget": "soon"}, "budget=soon must be a time such as"),
        ({"budget": "60s"}, "budget=60s is too small: the trial took"),
        ({"budget": "10m", "frames": 0}, "frames=0 must be"),
        ({"budget": "10m", "frames": "many"}, "frames='many' must be"),
        ({"budget": "10m", "shard": "0/4"}, "each shard would choose for itself"),
        ({"budget": "10m", "renderer": {"samples": 8}}, "renderer.samples=8 leaves"),
        ({"budget": "10m", "renderer": {}}, "renderer.samples=None leaves"),
        ({"budget": "10m", "out": ""}, "out='' must be"),
    ],
)
def test_what_cannot_be(tmp_path, changes, said):
    with pytest.raises(SimgenError) as error:
        generate(config(tmp_path / "out", "10m") | changes, build, make)
    assert said in str(error.value) and "\n" not in str(error.value)
    assert not list((tmp_path / "out").glob("records/*"))


def test_a_budget_without_its_quality_is_told(tmp_path):
    standard = rectangles.config(tmp_path / "out", budget="2h")
    with pytest.raises(SimgenError, match="budget=2h is for quality=budget: add that"):
        generate(standard, rectangles.build, rectangles.make)


def test_other_things_in_the_folder_are_told_before_a_trial(tmp_path):
    (tmp_path / "diary.txt").write_text("")
    with pytest.raises(SimgenError, match="is not empty and holds no dataset"):
        run(tmp_path, "10m")
    assert CLOCK.now < 5


def test_a_frame_that_cannot_be_made_ends_the_trial(tmp_path):
    def failing(recipe, index):
        raise SimgenError("scene.count=6 is impossible: lower it")

    with pytest.raises(SimgenError, match="frame 0: scene.count=6 is impossible"):
        generate(config(tmp_path / "out", "10m"), build, failing)
    assert not list((tmp_path / "out/.scratch").glob("*"))


def test_a_trial_can_be_stopped(tmp_path):
    with Stop() as stop, pytest.raises(Interrupted, match="stopped by SIGINT during the trial"):
        spent(config(tmp_path / "out", "10m"), build, stopping(stop), stop)


def stopping(stop):
    def make_and_stop(recipe, index):
        stop.number = 2
        return make(recipe, index)

    return make_and_stop


def test_a_choice_is_of_the_frames_that_a_choice_was_made_for():
    assert replace(BOUNDS, most=4).only == 4 and BOUNDS.only is None
