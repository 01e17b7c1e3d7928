"""A map leaves the bench with what made it, and can be drawn again from that, pixel by pixel."""

from __future__ import annotations

import io
import json
import zipfile

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from cgid.cli.main import main
from cgid.errors import InputError
from cgid.imaging.image_file import ImageFile
from cgid.inspector import export
from cgid.inspector.export import write_archive
from cgid.inspector.filter import Filter, FilterResult, all_filters
from cgid.inspector.view import View


def encoded(width: int = 120, height: int = 88, orientation: int = 1, seed: int = 0) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    exif = Image.Exif()
    exif[0x0112] = orientation
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", exif=exif)
    return buffer.getvalue()


def drawn_png(view: View, **params) -> tuple[bytes, np.ndarray]:
    one = all_filters()["bit_planes"]
    drawn = one.run(view, params)
    return export.to_png(export.inspection_record(one, view, params, drawn), drawn.picture), drawn.picture


@pytest.mark.parametrize("orientation", [1, 6, 3])
def test_what_the_png_says_draws_the_same_pixels_again(orientation: int) -> None:
    data = encoded(orientation=orientation)
    image = ImageFile.from_bytes(data, "a.png")
    file, picture = drawn_png(View.at(image, 0.9, 0.2, 48), channel="red", bit=3)
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(file))), picture)
    made = export.read_png(file)
    assert (made.filter, made.params) == ("bit_planes", {"channel": "red", "bit": 3, "shown": "one bit"})
    _, drawn = export.reproduce(made, ImageFile.from_bytes(data, "renamed.png"))
    assert np.array_equal(drawn.picture, picture) and drawn.finding == made.finding
    assert export.to_png(made, drawn.picture) == file


def test_people_read_it_with_any_tool() -> None:
    image = ImageFile.from_bytes(encoded(), "ünï\n\x1b[31m\u202ecode.png")
    file, _ = drawn_png(View(image))
    text = Image.open(io.BytesIO(file)).text
    assert text["Title"].startswith("Bit planes of ünï") and text["Description"].startswith("Bit 0 of brightness")
    assert text["Software"].startswith("cgid ") and image.sha256 in text["Source"]
    assert all(c.isprintable() for value in text.values() for c in value)


def test_the_file_name_names_filter_parameters_and_place() -> None:
    image = ImageFile.from_bytes(encoded(), "../My pic: ünï.jpeg")
    one = all_filters()["bit_planes"]
    view = View(image, 64, 8, 32)
    made = export.inspection_record(one, view, {"bit": 2}, one.run(view, {"bit": 2}))
    assert export.file_name(made) == "My-pic-n.bit_planes.channel-brightness.bit-2.shown-one-bit.x64-y8.png"


def test_records_with_former_parameter_names_are_read_as_before() -> None:
    image = ImageFile.from_bytes(encoded(), "a.png")
    view = View(image)
    for name, former in (
        ("copy_move", {"apart": 40, "alike": 0.7, "least": 6}),
        ("copy_move_blocks", {"apart": 40, "alike": 0.7, "least": 500}),
    ):
        one = all_filters()[name]
        values = one.values(former)
        assert [values[one.former_names[key]] for key in former] == list(former.values())
        record = vars_of(export.inspection_record(one, view, {}, one.run(view))) | {"params": former}
        _, result = export.reproduce(export._parse_record(record), image)
        assert result.finding == one.run(view, values).finding


def test_another_file_or_another_version_is_refused_in_one_sentence() -> None:
    made = export.read_png(drawn_png(View(ImageFile.from_bytes(encoded(), "a.png")))[0])
    with pytest.raises(InputError, match="content differs"):
        export.reproduce(made, ImageFile.from_bytes(encoded(seed=1), "a.png"))
    image = ImageFile.from_bytes(encoded(), "a.png")
    for change, words in (
        ({"version": 99}, "has changed"),
        ({"filter": "gone"}, "no filter"),
        ({"params": {"bit": 99}}, "lie between"),
        ({"box": (3, 0, 10, 10)}, "not valid"),
        ({"box": (0, 0, 0, -9)}, "not valid"),
    ):
        with pytest.raises(InputError, match=words):
            export.reproduce(export._parse_record({**vars_of(made), **change}), image)


def vars_of(made: export.Inspection) -> dict:
    return {name: getattr(made, name) for name in made.__slots__}


@pytest.mark.parametrize(
    "said",
    [
        None,
        "",
        "{",
        "[]",
        "{}",
        '{"box": 1}',
        "[" * 9000,
        '{"box":[1e999,0,1,1]}',
        "x" * 99_999,
        '{"box":[1,2,3,"a"],"filter":1}',
        "1e999",
    ],
)
def test_a_strangers_png_is_one_sentence(said: str | None) -> None:
    info = PngImagePlugin.PngInfo()
    if said is not None:
        info.add_text(export.KEYWORD, said)
    buffer = io.BytesIO()
    Image.new("L", (2, 2)).save(buffer, "PNG", pnginfo=info)
    with pytest.raises(InputError):
        export.read_png(buffer.getvalue())
    with pytest.raises(InputError):
        export.read_png(buffer.getvalue()[:40])


def test_a_plot_leaves_as_numbers_below_what_made_them() -> None:
    one = Filter("levels", "Levels", "Noise", "A.", "B.", "C.", lambda view: FilterResult("Two."))
    view = View(ImageFile.from_bytes(encoded(), "a.png"))
    columns = {"level": np.array([0, 1]), "share": np.array([0.25, 0.1]), "word": np.array(["a,b", 'say "x"'])}
    lines = export.to_csv(export.inspection_record(one, view, {}, one.run(view)), columns).decode().splitlines()
    assert '# filter: "levels"' in lines
    assert lines[-3:] == ["level,share,word", '0,0.25,"a,b"', '1,0.1,"say ""x"""']


def test_a_file_name_with_a_formula_is_no_cell_of_the_table() -> None:
    name = 'a,=HYPERLINK("x");=1+1.png'
    one = all_filters()["bit_planes"]
    view = View(ImageFile.from_bytes(encoded(), name))
    said = export.to_csv(export.inspection_record(one, view, {}, one.run(view)), {"level": np.array([0])}).decode()
    line = next(each for each in said.splitlines() if each.startswith("# image: "))
    assert "," not in line and ";" not in line
    assert json.loads(line.removeprefix("# image: ")) == name


def test_the_archive_holds_every_filter_and_says_what_is_left_out(monkeypatch) -> None:
    def fails(view):
        raise RuntimeError("no")

    one = all_filters()["bit_planes"]
    broken = Filter("broken", "Broken", "Noise", "A.", "B.", "C.", fails)
    plot = Filter("plot", "Plot", "Noise", "A.", "B.", "C.", lambda v: FilterResult("P.", columns={"x": np.arange(3)}))
    some = {f.name: f for f in (one, broken, plot)}
    monkeypatch.setattr("cgid.inspector.export.all_filters", lambda: some)
    view = View(ImageFile.from_bytes(encoded(), "a.png"))
    first, second, short = io.BytesIO(), io.BytesIO(), io.BytesIO()
    assert [m.filter for m in write_archive(view, first)] == ["bit_planes", "plot"]
    write_archive(view, second)
    assert first.getvalue() == second.getvalue()
    held = zipfile.ZipFile(first)
    assert set(held.namelist()) == {"picture.png", "bit_planes.png", "plot.csv", "findings.json"}
    assert list(json.loads(held.read("findings.json"))["left_out"]) == ["broken"]
    assert export.reproduce(export.read_png(held.read("bit_planes.png")), view.image)[1].picture.any()
    write_archive(view, short, max_bytes=len(held.read("picture.png")) + 200)
    assert set(json.loads(zipfile.ZipFile(short).read("findings.json"))["left_out"]) >= {"broken", "bit_planes"}


def test_the_command_draws_a_filter_and_draws_it_again(tmp_path, capsys) -> None:
    image = tmp_path / "photo.png"
    image.write_bytes(encoded())
    first, second = tmp_path / "m.png", tmp_path / "n.png"
    call = ["inspect", str(image), "--filter", "bit_planes", "--set", "bit=7", "--side", "64", "--at", "1", "0"]
    assert main([*call, "--output", str(first)]) == 0
    assert "Bit 7 of brightness" in capsys.readouterr().out
    assert main(["inspect", str(image), "--like", str(first), "--output", str(second), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["box"] == [56, 0, 64, 64]
    assert first.read_bytes() == second.read_bytes()
    assert main(["inspect", "--list"]) == 0
    assert "bit_planes" in capsys.readouterr().out
    assert main(["inspect", "--list", "--json"]) == 0
    assert {f["name"] for f in json.loads(capsys.readouterr().out)} == set(all_filters())


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ([], "Choose one of"),
        (["--filter", "bit_planes"], "--output"),
        (["--filter", "nothing", "--output", "x.png"], "no filter"),
        (["--filter", "bit_planes", "--set", "bit", "--output", "x.png"], "name=value"),
        (["--filter", "bit_planes", "--set", "bit=9", "--output", "x.png"], "lie between"),
        (["--filter", "bit_planes", "--at", "2", "0", "--output", "x.png"], "fractions from 0 to 1"),
        (["--filter", "bit_planes", "--output", "x.csv"], "gives no plot"),
        (["--filter", "bit_planes", "--output", "folder"], "cannot be written"),
        (["--all", "--output", "folder"], "cannot be written"),
        (["--like", "gone.png", "--output", "x.png"], "cannot be read"),
        (["--like", "photo.png", "--output", "x.png"], "no record of a filter"),
    ],
)
def test_a_wrong_call_is_one_line_and_exit_code_2(tmp_path, capsys, monkeypatch, flags, words) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photo.png").write_bytes(encoded(16, 16))
    (tmp_path / "folder").mkdir()
    assert main(["inspect", "photo.png", *flags]) == 2
    said = capsys.readouterr().err
    assert words in said and len(said.splitlines()) == 1
    assert not (tmp_path / "x.png").exists()


def test_the_command_writes_all_filters_as_one_archive(tmp_path, capsys) -> None:
    image, every = tmp_path / "photo.png", tmp_path / "all.zip"
    image.write_bytes(encoded(40, 32))
    assert main(["inspect", str(image), "--all", "--side", "0", "--output", str(every)]) == 0
    assert "bit_planes" in capsys.readouterr().out
    told = json.loads(zipfile.ZipFile(every).read("findings.json"))
    assert {made["filter"] for made in told["drawn"]} | set(told["left_out"]) == set(all_filters())
