"""docs/forms.md has every form, and no other."""

import re
from pathlib import Path

from graphc.frontend.forms import Forms

PAGE = Path(__file__).parents[2] / "docs" / "forms.md"


def test_every_form_is_described():
    forms = {name for name in vars(Forms) if not name.startswith("__")}
    assert set(re.findall(r"\bgc\.(\w+)", PAGE.read_text(encoding="utf-8"))) >= forms
    assert set(re.findall(r"\bgc\.(\w+)\(", PAGE.read_text(encoding="utf-8"))) <= forms
