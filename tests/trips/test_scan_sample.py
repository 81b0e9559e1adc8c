"""What the benchmark of harmed codes begins from is a code that two readers read."""

from __future__ import annotations

from PIL import Image

from bench.harms import image
from bench.scan import READERS, sample


def test_an_unharmed_sample_is_read_by_both_readers() -> None:
    text, code = sample()
    size = (code.shape[1] * 6, code.shape[0] * 6)
    picture = image(code).resize(size, Image.Resampling.NEAREST)

    assert {name: read(picture) for name, read in READERS.items()} == {
        name: {text} for name in READERS
    }
