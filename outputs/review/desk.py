"""What every page of the review works with: the base, the queue, the log, the documents, and who is reviewing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse

from evidence.decision_log import DecisionLog
from evidence.decisions import LONGEST_NAME
from evidence.review_queue import Filters, ReviewQueue
from evidence.review_rules import ReviewRules
from evidence.shelf import Holding, find_document, find_documents
from evidence.store import Store
from extractors.claim import Stage
from outputs.review import forms, sentences
from outputs.review.choices import FILTERS, Choices
from outputs.review.rendering import Library
from outputs.review.security import Doors
from outputs.wording import ROLES, plain
from registry import Registry

NAME_COOKIE = "chiptrail-reviewer"
_HERE = Path(__file__).parent
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Words:
    """What the fields of a claim are called, and how they are shown in a form."""

    chips: tuple[str, ...]
    types: Mapping[Any, str] = field(default_factory=lambda: sentences.TYPES)
    stages: Mapping[Any, str] = field(default_factory=lambda: {stage: str(stage) for stage in Stage})
    attributions: Mapping[Any, str] = field(default_factory=lambda: sentences.ATTRIBUTIONS)
    modalities: Mapping[Any, str] = field(default_factory=lambda: sentences.MODALITIES)
    roles: Mapping[Any, str] = field(default_factory=lambda: ROLES)
    value: Callable[[Any], str] = forms.show_value
    number: Callable[[Any], str] = forms.show_number


@dataclass(frozen=True, slots=True)
class Desk:
    """The parts that pages and actions share. `reviewer` is who reviews as long as the browser names nobody."""

    store: Store
    log: DecisionLog
    queue: ReviewQueue
    choices: Choices
    rules: ReviewRules
    library: Library
    registry: Registry
    doors: Doors
    clock: Callable[[], datetime]
    reviewer: str
    words: Words
    environment: Environment

    def show(self, request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """A page. Everything that a template is given is escaped."""
        page = self.environment.get_template(template)
        csrf = Markup('<input type="hidden" name="csrf" value="{}">').format(self.doors.mark)
        own = {"reviewer": self.who(request), "here": request.url.path, "csrf": csrf, "words": self.words}
        return HTMLResponse(page.render(own | values), status)

    def show_bare(self, template: str, status: int, **values: Any) -> HTMLResponse:
        """A page for somebody who is not let in: without navigation, name and mark."""
        return HTMLResponse(self.environment.get_template(template).render(values), status)

    def who(self, request: Request) -> str:
        """The reviewer's name: the one that the browser keeps, else the one that the server was started with."""
        kept = clean_name(unquote(request.cookies.get(NAME_COOKIE, "")))
        return kept or self.reviewer

    def holding(self, sha256: str) -> Holding:
        """The document of a digest. Raises 404 for one that the base does not have."""
        found = find_document(self.store, sha256)
        if found is None:
            raise HTTPException(404, "The base has no such document.")
        return found

    def names(self, digests: Iterable[str]) -> dict[str, str]:
        """Titles, or else names, of documents by their digest."""
        found = find_documents(self.store, digests)
        return {key: plain(document.title or document.name) for key, document in found.items()}


def make_environment() -> Environment:
    """The templates of the pages and the drawing of charts; everything is escaped, whatever a template is called."""
    folders = FileSystemLoader([_HERE / "templates", _HERE.parent / "templates"])
    environment = Environment(
        loader=folders, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["urlencode"] = _quote
    return environment


def clean_name(text: str) -> str:
    """A reviewer's name on one line and no longer than the log takes."""
    return plain(text)[:LONGEST_NAME]


def read_filters(given: Mapping[str, str]) -> dict[str, str]:
    """The filters that a query string holds, and nothing else of it. Raises 400 for one that is too long."""
    chosen = {name: given[name] for name in FILTERS if given.get(name)}
    if any(len(value) > _LONGEST for value in chosen.values()):
        raise HTTPException(400, "A filter is too long.")
    return chosen


def make_filters(chosen: Mapping[str, str]) -> Filters:
    """The filters as the queue takes them."""
    return Filters(**chosen)


def write_query(chosen: Mapping[str, str]) -> str:
    """The query string of some filters, with its question mark, or nothing."""
    return f"?{urlencode(chosen)}" if chosen else ""


def _quote(text: object) -> str:
    return quote(str(text), safe="")
