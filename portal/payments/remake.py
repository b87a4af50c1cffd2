"""A small program of its own: one photo or PDF in, pictures made again out, everything else left behind.

It runs as a separate process with little memory and little time, because what people send may be broken or hostile
(safety rule 41). It reads the file from standard input and its kind from the command line, opens it with the decoder
for that kind and no other, and writes each picture as three numbers (width, height, length) and a JPEG.

It imports nothing of the portal. `evidence.py` starts it.
"""

import resource
import struct
import sys
from io import BytesIO

MEMORY = 512 * 1024 * 1024
SECONDS = 5
MOST_PIXELS = 40_000_000
MOST_PAGES = 20
LONGEST_SIDE = 2000  # readable small print, and a few hundred kilobytes
REFUSED = 3  # exit code; the reason is one word on standard error


class Refused(Exception):
    """One word for why: `pixels`, `pages`, `locked`, `broken`."""


def main() -> int:
    limit_this_process()
    kind, data = sys.argv[1], sys.stdin.buffer.read()
    try:
        for width, height, picture in remake(kind, data):
            sys.stdout.buffer.write(struct.pack(">III", width, height, len(picture)) + picture)
    except Refused as refused:
        sys.stderr.write(str(refused))
        return REFUSED
    except Exception:  # a decoder may fail in any way; memory running out is one of them
        sys.stderr.write("broken")
        return REFUSED
    return 0


def limit_this_process() -> None:
    """Address space, processor seconds, no files written, no core dump. All of it for this process alone."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def remake(kind, data):
    """Each picture as (width, height, JPEG bytes)."""
    return (
        [as_jpeg(page) for page in pages_of_pdf(data)] if kind == "PDF" else [as_jpeg(one_image(kind, data))]
    )


def one_image(kind, data):
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    if kind == "HEIF":
        import pillow_heif

        pillow_heif.options.DECODE_THREADS = 1
        pillow_heif.register_heif_opener(thumbnails=False)
    try:
        image = Image.open(BytesIO(data), formats=[kind])
    except Image.DecompressionBombError as bomb:
        raise Refused("pixels") from bomb
    if image.width * image.height > MOST_PIXELS:  # known from the header: nothing is decoded yet
        raise Refused("pixels")
    if kind == "JPEG":
        image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # lets the decoder work at a smaller scale
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    return ImageOps.exif_transpose(image)


def pages_of_pdf(data):
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise Refused("locked" if "assword" in str(error) else "broken") from error
    if not 0 < len(document) <= MOST_PAGES:
        raise Refused("pages")
    for page in document:
        width, height = page.get_size()
        if width <= 0 or height <= 0:
            raise Refused("broken")
        yield page.render(scale=min(3, LONGEST_SIDE / max(width, height)), may_draw_forms=False).to_pil()
        page.close()


def as_jpeg(image):
    """The pixels alone, on white, in a new picture that knows nothing of the old one."""
    from PIL import Image

    clear = image.convert("RGBA") if image.mode in {"P", "LA", "PA", "RGBA", "La", "RGBa"} else None
    fresh = Image.new("RGB", image.size, "white")
    fresh.paste(clear or image.convert("RGB"), mask=clear.getchannel("A") if clear else None)
    out = BytesIO()
    fresh.save(out, "JPEG", quality=80)
    return fresh.width, fresh.height, out.getvalue()


if __name__ == "__main__":
    sys.exit(main())
