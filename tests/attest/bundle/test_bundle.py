"""What a bundle holds, and that every honest one verifies, however it is cut or shut."""

from __future__ import annotations

import json
import subprocess
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest

from attest.bundle.archive import Archive
from attest.bundle.bag import pae
from attest.bundle.columns import LEAF_NAMES, LINE_NAMES
from attest.bundle.content import Opened
from attest.errors import LeafMalformed
from attest.log.leaf import canonical, parse_canonical
from attest.log.lineage import Retired
from attest.log.note import Kind
from attest.log.trust import Trust
from tests.attest.log.vectors import key

from .town import Town, both_keys, codes, judged, members, rotation_of, trust, written


def test_an_honest_bundle_verifies_without_a_word(town: Town) -> None:
    report = judged(town.bundle(), strict=True)

    assert [one.code for one in report.findings] == []
    said = report.as_dict()
    assert (said["verdict"], said["exit"], said["rows"], said["open"]) == ("verified", 0, 22, 22)
    assert said["total"] == 40_000
    assert said["anchor"]["kind"] == "witness"
    assert said["unanchored"] == 0


def test_the_same_content_gives_the_same_bytes() -> None:
    def made() -> bytes:
        town = Town()
        town.found()
        town.whole_trip()
        return town.bundle()

    assert made() == made()


def test_everything_is_in_it_and_no_code(town: Town) -> None:
    files = members(town.bundle())

    assert {
        *("README.ko.txt", "README.en.txt", "report.html", "request.json", "datapackage.json"),
        *("data/leaves.jsonl", "data/leaves.csv", "data/leaves.xlsx", "data/lines.csv"),
        *("proof/checkpoint", "proof/entries.bin", "proof/range.json", "proof/support.jsonl"),
        *("rules/kr-national@2026-07-01.toml", "keys/log", "keys/export", "export.dsse.json"),
        *("bagit.txt", "bag-info.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt"),
    } <= set(files)
    endings = {Path(name).suffix for name in files}
    assert endings <= {".txt", ".html", ".json", ".jsonl", ".csv", ".xlsx", ".bin", ".toml", ""}
    assert b"<script" not in files["report.html"]
    assert "다음에 할 일".encode() in files["report.html"]


def test_its_names_are_sorted_and_its_members_plain(town: Town) -> None:
    with ZipFile(BytesIO(town.bundle())) as archive:
        found = archive.infolist()

    names = [one.filename for one in found]
    assert names == sorted(names)
    assert {name.partition("/")[0] for name in names} == {
        "tripseal-tripseal.example.go.kr-log-0-22-23-n5a5a5a5"
    }
    assert {one.date_time for one in found} == {(1980, 1, 1, 0, 0, 0)}
    assert {one.external_attr >> 16 for one in found} == {0o100644}
    assert {(one.extra, one.comment, one.flag_bits) for one in found} == {(b"", b"", 0)}


def test_sha256sum_agrees_with_both_manifests(town: Town, tmp_path: Path) -> None:
    with ZipFile(BytesIO(town.bundle())) as archive:
        archive.extractall(tmp_path)
    (folder,) = tmp_path.glob("tripseal-*")

    for name in ("manifest-sha256.txt", "tagmanifest-sha256.txt"):
        subprocess.run(["sha256sum", "-c", "--quiet", name], cwd=folder, check=True)


def test_openssl_agrees_with_the_signature_of_the_export(town: Town, tmp_path: Path) -> None:
    said = json.loads(members(town.bundle())["export.dsse.json"])
    spki = bytes.fromhex("302a300506032b6570032100") + key("export").material
    (tmp_path / "key").write_bytes(spki)
    (tmp_path / "text").write_bytes(pae(said["payloadType"], b64decode(said["payload"])))
    (tmp_path / "sig").write_bytes(b64decode(said["signatures"][0]["sig"]))

    command = ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", "key"]
    files = ["-rawin", "-in", "text", "-sigfile", "sig"]
    done = subprocess.run([*command, *files], cwd=tmp_path, check=True, capture_output=True)
    assert b"Success" in done.stdout


def test_the_workbook_is_read_by_others_and_holds_no_formula(town: Town) -> None:
    book = openpyxl.load_workbook(BytesIO(members(town.bundle())["data/leaves.xlsx"]))

    assert book.sheetnames == ["안내", "기록", "정산", "검증"]
    assert [cell.value for cell in book["기록"][2]] == list(LEAF_NAMES)
    assert [cell.value for cell in book["정산"][2]] == list(LINE_NAMES)
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    assert kinds <= {"s", "n", "inlineStr"}
    assert book["기록"]["J13"].value == "'=가나다"


def test_columns_are_typed_and_titled_in_korean(town: Town) -> None:
    said = json.loads(members(town.bundle())["datapackage.json"])

    leaves, lines = said["resources"]
    assert [one["name"] for one in leaves["schema"]["fields"]] == list(LEAF_NAMES)
    assert lines["schema"]["fields"][9] == {
        "name": "amount",
        "title": "금액 (원)",
        "type": "integer",
    }


@pytest.mark.parametrize(
    ("start", "stop"), [(0, 1), (0, 12), (12, 17), (5, 22), (17, 22), (21, 22)]
)
def test_any_stretch_of_the_log_can_be_taken(town: Town, start: int, stop: int) -> None:
    report = judged(town.bundle(start, stop))

    assert codes(report, "fail", "warn") == set()
    assert report.counts.rows == stop - start


def test_a_trip_cut_by_the_range_is_still_followed(town: Town) -> None:
    report = judged(town.bundle(14, 22))

    assert codes(report, "fail", "warn") == set()
    assert not report.findings.has("trip.begins_before")


def test_whole_trips_can_be_sealed_and_are_counted(town: Town) -> None:
    trip = next(iter(town.trips))
    report = judged(town.bundle(seal=[trip]))

    assert codes(report, "fail", "warn") == set()
    assert report.counts.sealed == 5
    notes = {one.code: one.count for one in report.findings}
    assert notes["row.sealed"] == 5
    assert notes["money.not_open"] == 1
    assert report.counts.total == 20_000


def test_a_sealed_trip_shows_nothing(town: Town) -> None:
    trip, other = town.trips
    files = members(town.bundle(seal=[trip, other]))

    for name in ("data/leaves.jsonl", "data/leaves.csv", "data/lines.csv", "report.html"):
        assert "가나다".encode() not in files[name]
        assert b"35253647" not in files[name]


def test_a_group_that_was_not_asked_for_stays_shut_and_is_counted(town: Town) -> None:
    raw = town.bundle(groups=["biz", "id"])
    report = judged(raw)

    assert codes(report, "fail", "warn") == set()
    assert report.counts.withheld == 6
    assert b"35253647" not in members(raw)["data/leaves.csv"]
    required = judged(raw, require=frozenset({"loc"}))
    assert codes(required) == {"row.required"}


def test_what_was_erased_is_gone_and_the_rest_still_verifies(town: Town) -> None:
    town.erase("loc", 10, 22)
    raw = town.bundle()
    report = judged(raw)

    assert codes(report, "fail", "warn") == set()
    assert report.counts.erased == 6
    assert b"35253647" not in members(raw)["data/leaves.jsonl"]


def test_an_erasure_after_the_range_is_known_as_well(town: Town) -> None:
    town.erase("loc", 10, 22)

    assert codes(judged(town.bundle(0, 20)), "fail", "warn") == set()


def test_a_key_that_was_rotated_signs_the_rest(town: Town) -> None:
    old = key("log")
    town.rotate()
    town.whole_trip()

    # The auditor's trust file is as old as the log: the rotation itself leads on.
    assert codes(judged(town.bundle()), "fail", "warn") == set()
    new = town.signers[0].verifying
    newer = trust(log=(new, old, key("log_ecdsa")))
    assert codes(judged(town.bundle(), trust=newer), "fail", "warn") <= {"request.replayed"}


def test_whoever_is_led_on_by_a_bundle_believes_the_next_one_and_no_old_key(town: Town) -> None:
    at = len(town.leaves)
    town.rotate()
    town.rotate(Kind.ECDSA_P256)
    raw = town.bundle()
    led_on = judged(raw).trust

    assert led_on == trust(
        log=tuple(one.verifying for one in town.signers),
        retired=(Retired(key("log"), at), Retired(key("log_ecdsa"), at + 1)),
    )
    assert Trust.parse(led_on.text()) == led_on
    # By their old file nobody tells a thief's rotation from this one: each step is told, with both.
    steps = [one for one in judged(raw).findings if one.code == "key.followed"]
    news = zip(both_keys(), town.signers, strict=True)
    for n, (one, (old, new)) in enumerate(zip(steps, news, strict=True)):
        assert (one.severity, one.leaf) == ("note", at + n)
        for told in (one.ko, one.en):
            assert f"{old.verifying.vkey} → {new.verifying.vkey}" in told
    assert codes(judged(raw, trust=led_on), "note") & {"key.followed"} == set()
    again = replace(Town(), dice=town.dice, leaves=town.leaves, owner=town.owner, now=town.now)
    again.signers, again.before = town.signers, town.before
    assert codes(judged(again.bundle(), trust=led_on)) <= {"request.replayed"}


def test_a_rotation_that_stands_in_the_log_twice_leads_on_from_its_first_leaf(town: Town) -> None:
    old, at = town.signers[0], len(town.leaves)
    town.rotate()
    town.put(rotation_of(old, town.signers[0], town.now))

    report = judged(town.bundle())
    assert codes(report, "fail", "warn") == set()
    assert report.trust
    assert [one.until for one in report.trust.retired] == [at]


def test_a_bundle_from_before_a_rotation_is_believed_after_it(town: Town) -> None:
    raw, size = town.bundle(), len(town.leaves)
    town.rotate()
    led_on = trust(
        log=tuple(one.verifying for one in town.signers), retired=(Retired(key("log"), size),)
    )

    assert codes(judged(raw, trust=led_on), "fail", "warn") == set()


def test_a_head_kept_between_two_rotations_is_gone_on_from(town: Town) -> None:
    town.rotate()
    town.whole_trip()
    size = len(town.leaves)
    held = town.note(size, witness=town.now)
    town.rotate()
    town.rotate(Kind.ECDSA_P256)

    report = judged(town.bundle(since=size), since=held)
    assert codes(report, "fail", "warn") == set()


def test_an_export_key_that_was_rotated_signs_the_rest(town: Town) -> None:
    before, size = town.bundle(), len(town.leaves)
    town.rotate_exporter()
    whole, cut = town.bundle(), town.bundle(0, 20)

    # The file of before is led on by the leaf, wherever the range lies; that of now needs it not.
    for raw in (whole, cut):
        report = judged(raw)
        assert codes(report, "fail", "warn") <= {"request.replayed"}
        assert report.trust
        assert report.trust.export == (town.exporter.verifying,)
        assert report.trust.export_retired == (Retired(key("export"), size),)
        assert Trust.parse(report.trust.text()) == report.trust
        assert codes(judged(before, trust=report.trust), "fail", "warn") == set()
        told = [one for one in report.findings if one.code == "key.followed"]
        assert [one.leaf for one in told] == [size]


def test_what_was_asked_for_before_a_rotation_may_be_made_after_it(town: Town) -> None:
    content = town.content()
    size = len(town.leaves)
    town.rotate_exporter()
    raw = written(replace(content, signer=town.exporter))
    now = trust(export=(town.exporter.verifying,), export_retired=(Retired(key("export"), size),))

    # The file of before knows nothing of the heir: this bundle ends before the rotation.
    assert codes(judged(raw)) == {"sign.dsse_bad"}
    assert codes(judged(raw, trust=now), "fail", "warn") == set()


def test_log_receipts_of_before_and_of_after_a_rotation_hold(town: Town) -> None:
    first = town.touch(town.open())
    early = town.promise(first)
    town.rotate_promisers()
    town.rotate_promisers()
    again, second = town.promise(first, town.now - timedelta(hours=1)), town.touch(town.open())
    receipts = {"early": early, "again": again, "late": town.promise(second)}

    report = judged(town.bundle(), receipts=receipts)
    assert codes(report, "fail", "warn") == set()
    assert report.trust
    assert len(report.trust.receipt_retired) == 4


def test_whoever_believes_nobody_in_a_role_is_led_on_to_nobody(town: Town) -> None:
    town.rotate_exporter()
    town.rotate_promisers()
    report = judged(town.bundle(), trust=trust(export=(), receipt=()))

    assert codes(report) == set()
    assert codes(report, "warn") == {"sign.unjudged"}
    assert report.trust
    assert report.trust.keys_of("export") == report.trust.keys_of("receipt") == ()


def test_a_rotation_before_the_range_leads_on_too(town: Town) -> None:
    town.rotate()
    stop = len(town.leaves)
    town.whole_trip()

    assert codes(judged(town.bundle(stop, stop + 5)), "fail", "warn") == set()


def test_a_late_row_is_a_warning_and_no_failure(town: Town) -> None:
    town.step_back()
    town.whole_trip()
    report = judged(town.bundle())

    assert (report.exit, codes(report, "warn")) == (0, {"time.step"})


def test_a_silent_night_is_a_warning(town: Town) -> None:
    town.now += timedelta(hours=9)
    town.beat()

    assert codes(judged(town.bundle()), "fail", "warn") == {"time.silence"}


def test_without_an_anchor_that_is_said(town: Town) -> None:
    report = judged(town.bundle(witness=False), trust=trust(quorum="none"))

    assert (report.exit, codes(report, "warn")) == (0, {"anchor.none"})
    assert report.as_dict()["unanchored"] == 23


def test_without_an_export_key_the_signature_is_not_judged(town: Town) -> None:
    report = judged(town.bundle(), trust=trust(export=()))

    assert (report.exit, codes(report, "warn")) == (0, {"sign.unjudged"})
    assert judged(town.bundle(), trust=trust(export=()), strict=True).exit == 1


@pytest.mark.parametrize("size", [1, 9, 21, 22])
def test_it_continues_from_the_checkpoint_the_auditor_kept(town: Town, size: int) -> None:
    kept = town.note(size)

    # From the first leaf on the old root is computed; else a consistency proof leads there.
    assert codes(judged(town.bundle(), since=kept), "fail", "warn") == set()
    again = Town()
    again.found()
    again.whole_trip()
    again.look()
    again.whole_trip()
    again.beat()
    assert codes(judged(again.bundle(12, 22, since=size), since=kept), "fail", "warn") == set()


def test_a_kept_checkpoint_is_an_anchor(town: Town) -> None:
    kept = town.note(20)
    report = judged(town.bundle(witness=False), trust=trust(quorum="none"), since=kept)

    assert report.as_dict()["anchor"] == {"kind": "kept", "size": 20}
    assert report.as_dict()["unanchored"] == 3


def test_the_reader_knows_the_names_inside(town: Town) -> None:
    archive = Archive(BytesIO(town.bundle()))

    assert "data/leaves.jsonl" in archive.names
    assert archive.top.startswith("tripseal-")


def test_a_line_is_the_canonical_one_whatever_is_open_or_shut(town: Town) -> None:
    town.erase("loc", 10, 14)
    for groups in (("biz", "id", "loc"), ("id",)):
        for index in range(len(town.leaves)):
            line = town.opened(index, groups, []).line()
            assert canonical(parse_canonical(line[:-1])) + b"\n" == line


def test_an_opening_that_is_spelled_otherwise_is_laid_in_no_bundle(town: Town) -> None:
    content = town.content()
    index = next(n for n, leaf in enumerate(town.leaves) if "biz" in leaf.openings)

    def leaves(at: int) -> Iterator[Opened]:
        for one in content.leaves(at):
            raw = one.open.get("biz", b"").replace(b'":', b'": ', 1)
            other = replace(one, open={**one.open, "biz": raw})
            yield other if one.index == index else one

    with pytest.raises(LeafMalformed, match="another spelling"):
        written(replace(content, leaves=leaves))
