"""Every python block of README.md and docs/*.md runs, and prints what the page says it prints."""

import re

import pytest

from tools import docs

PAGES = docs.pages()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_page_is_what_running_it_gives(page):
    old = page.read_text(encoding="utf-8")
    (new,) = docs.refresh_apart([page])
    stale = "".join(docs.difference(old, new, page.name))
    assert not stale, f"run `make docs`:\n{stale}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8")):
        if not target.startswith(("http:", "https:", "mailto:")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def write(tmp_path, text):
    page = tmp_path / "page.md"
    page.write_text(text)
    return page


def test_a_stale_output_is_rewritten(tmp_path):
    page = write(tmp_path, "a\n\n```python\nprint(1 + 1)\n```\n\n```output\n3\n```\n\nb\n")
    assert docs.refresh(page) == "a\n\n```python\nprint(1 + 1)\n```\n\n```output\n2\n```\n\nb\n"


def test_a_missing_output_is_added_and_an_empty_one_removed(tmp_path):
    text = "```python\nprint(1)\n```\nb\n\n```python\nx = 1\n```\n\n```output\nz\n```\n"
    page = write(tmp_path, text)
    expected = "```python\nprint(1)\n```\n\n```output\n1\n```\nb\n\n```python\nx = 1\n```\n"
    assert docs.refresh(page) == expected


def test_blocks_of_a_page_share_names_and_other_fences_are_prose(tmp_path):
    text = (
        "```python\nx = 2\n```\n\n```text\nx = 3\n```\n\n"
        "```python\nprint(x)\n```\n\n```output\n2\n```\n"
    )
    assert docs.refresh(write(tmp_path, text)) == text


def test_an_expected_error_prints_its_type_and_text(tmp_path):
    text = "```python raises\nint('x')\n```\n"
    assert "ValueError: invalid literal" in docs.refresh(write(tmp_path, text))


def test_an_unexpected_error_and_a_missing_one_fail(tmp_path):
    with pytest.raises(ValueError):
        docs.refresh(write(tmp_path, "```python\nint('x')\n```\n"))
    with pytest.raises(AssertionError, match="should raise"):
        docs.refresh(write(tmp_path, "```python raises\nint('1')\n```\n"))


def test_a_table_is_filled_and_refilled(tmp_path, monkeypatch):
    monkeypatch.setitem(docs.TABLES, "toy", lambda: "| a |\n| --- |\n| 1 |")
    filled = docs.refresh(write(tmp_path, "x\n\n<!-- toy table -->\n\ny\n"))
    assert filled == "x\n\n<!-- toy table -->\n| a |\n| --- |\n| 1 |\n<!-- end -->\n\ny\n"
    assert docs.refresh(write(tmp_path, filled.replace("1", "2"))) == filled


def test_an_unknown_table_is_an_error(tmp_path):
    with pytest.raises(KeyError):
        docs.refresh(write(tmp_path, "<!-- nothing table -->\n"))
