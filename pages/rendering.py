"""Renders a template to a document in one file."""

from __future__ import annotations

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined, select_autoescape


def render(package: str, template: str, **content: object) -> str:
    """Render a template; one of HTML may extend ``page.html`` and use the macros of ``table.html``.

    Args:
        package: the package in whose folder ``templates`` it is.
        template: its file.
        content: what it shows; in HTML, text is escaped.
    """
    environment = Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader("pages")]),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(template).render(content)
