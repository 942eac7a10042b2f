"""A mark inside a picture's file, not in its pixels: synthetic, and which frame of which dataset.

It is an XMP packet (ISO 16684-1) with IPTC's digital source type, which search engines and picture
archives read: https://cv.iptc.org/newscodes/digitalsourcetype. `algorithmicMedia` there is what
software makes by rules alone, and not from samples by a trained model. XMP's part 3 says where the
packet belongs: in a JPEG an APP1 segment, in a PNG an uncompressed iTXt chunk before the pixels.
"""

from struct import pack, unpack_from
from zlib import crc32

SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicMedia"
NAMESPACE = "urn:simgen:picture:"  # of Frame and Dataset
_BEGIN, _END = b"<?xpacket begin=", b'<?xpacket end="r"?>'
_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8"
_PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about=""
 xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
 xmlns:simgen="{namespace}"
 xmp:CreatorTool="simgen"
 Iptc4xmpExt:DigitalSourceType="{source}"
 simgen:Frame="{frame}"
 simgen:Dataset="{dataset}"/>
</rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""


def marked(picture: bytes, frame: int, dataset: str) -> bytes:
    """Returns a JPEG or PNG with the mark; no pixel of it is touched.

    Args:
        dataset: digest of the dataset's recipe, hexadecimal.
    """
    text = _PACKET.format(namespace=NAMESPACE, source=SOURCE_TYPE, frame=frame, dataset=dataset)
    return _with(picture, text.encode())


def carried_over(picture: bytes, new: bytes) -> bytes:
    """Returns `new`, the same picture encoded anew, with the mark of the old one, if it has one."""
    start, stop = picture.find(_BEGIN), picture.find(_END)
    return _with(new, picture[start : stop + len(_END)]) if 0 <= start < stop else new


def _with(picture: bytes, packet: bytes) -> bytes:
    return (_into_png if picture.startswith(_PNG) else _into_jpeg)(picture, packet)


def _into_png(picture: bytes, packet: bytes) -> bytes:
    """Puts it behind the header: the signature and one chunk of 13 bytes."""
    at = len(_PNG) + 12 + 13
    body = b"iTXt" + b"XML:com.adobe.xmp\0" + b"\0\0\0\0" + packet
    return picture[:at] + pack(">I", len(body) - 4) + body + pack(">I", crc32(body)) + picture[at:]


def _into_jpeg(picture: bytes, packet: bytes) -> bytes:
    """Puts it behind JFIF's own segment, which has to come first, where there is one."""
    at = len(_JPEG)
    if picture[at : at + 2] == b"\xff\xe0":
        at += 2 + unpack_from(">H", picture, at + 2)[0]
    body = b"http://ns.adobe.com/xap/1.0/\0" + packet
    return picture[:at] + b"\xff\xe1" + pack(">H", len(body) + 2) + body + picture[at:]
