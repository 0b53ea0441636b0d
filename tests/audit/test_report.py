from ledger.audit.report import Report, as_json, format_text, places, summary
from ledger.merkle.hashing import hash_leaf


def test_places_and_numbers() -> None:
    assert places(4_211, 4_212) == "entry 4,211"
    assert places(0, 1_000) == "entries 0 to 999"


def test_a_report_that_holds() -> None:
    report = Report(size=1, root=hash_leaf(b""), complete=True)
    report.count("tiles")
    report.count("tiles", 2)
    assert report.held
    assert format_text(report) == "✓ 1 entry, root 6e340b9c…, 3 checks, 0 findings\n"
    assert as_json(report)["held"] is True


def test_a_report_with_more_than_it_keeps() -> None:
    report = Report(size=2_000, root=hash_leaf(b""), complete=True)
    for index in range(1_002):
        report.find("entry", f"entry {index} is wrong", index)
    assert len(report.findings) == 1_000
    lines = format_text(report).splitlines()
    assert lines[0] == "✗ entry 0 is wrong"
    assert lines[-2] == "✗ and 2 more"
    assert lines[-1].endswith("1,002 findings")
    assert as_json(report)["findings"][3] == {
        "kind": "entry",
        "index": 3,
        "sentence": "entry 3 is wrong",
    }


def test_a_report_that_stopped() -> None:
    report = Report()
    report.find("checkpoint", "the checkpoint does not hold")
    assert summary(report) == "no entry could be checked, 1 finding"
    report.root = hash_leaf(b"")
    assert "stopped early" in summary(report)
    assert as_json(report)["complete"] is False
