"""Every kind of source leads to its documents, and `chiptrail sources check` says how each stands."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from ipaddress import ip_network
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from rude_server import CARD, Site, answer, in_turn, serve, versioned

from corpus.archive import Archive
from corpus.fetching import Limits, Manners
from corpus.intake import Refused, Taken, list_sources, take_all
from corpus.listing import Lead, ListingError, list_leads
from corpus.source import Source, SourceError, SourceKind, load_sources
from corpus.survey import Sight, Standing, survey
from flows.command import cli

NOW = datetime(2026, 2, 3, tzinfo=UTC)
MANNERS = Manners(allowed=(ip_network("127.0.0.1/32"),), pause=0, tries=1)
RSS = """<?xml version="1.0"?>
<rss version="2.0"><channel><title>Larch posts</title>
<item><title>Older  post</title><link>/posts/old.md</link><pubDate>Mon, 05 Jan 2026 10:00:00 GMT</pubDate></item>
<item><title>Newer post</title><link> /posts/new.md </link><pubDate>Mon, 02 Feb 2026 10:00:00 +0800</pubDate></item>
<item><title>No date</title><link>/careers/jobs.md</link></item>
<item><title>Again</title><link>/posts/new.md</link></item>
<item><title>No link</title></item>
<item><title>A trap</title><link>javascript:alert(1)</link></item>
</channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom">
<entry><title>Larch\n  Report</title><published>2026-02-01T00:00:00Z</published>
<link rel="alternate" type="text/html" href="https://arxiv.org/abs/2602.00001v1"/>
<link rel="related" type="application/pdf" href="https://arxiv.org/pdf/2602.00001v1"/></entry>
<entry><title>Pine</title><updated>2026-01-01</updated><link href="/pine"/></entry></feed>"""
SITEMAP = """<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<url><loc>https://example.org/a.md</loc></url>
<url><loc>https://example.org/b.md</loc><lastmod>2026-01-09T10:00:00+00:00</lastmod></url></urlset>"""


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as site:
        for name in ("old", "new"):
            site.pages[f"/posts/{name}.md"] = answer(200, CARD + name.encode())
        site.pages["/careers/jobs.md"] = answer(200, b"We hire.")
        yield site


def make_source(kind: SourceKind, address: str, **given: object) -> Source:
    told = {"title": "Larch", "developer": "Larch AI", "group": "world", "match": "", "newest": 20, "licence": None}
    return Source.model_construct(id=f"larch-{kind}", kind=kind, address=address, **(told | given))


def take(*sources: Source, archive: Archive | None = None) -> list[Taken | Refused]:
    return list(take_all(list_sources(sources), Limits(), lambda: NOW, manners=MANNERS, archive=archive))


def see(archive: Path, *sources: Source) -> list[Sight]:
    return list(survey(sources, Limits(), lambda: NOW, MANNERS, Archive(archive)))


def test_a_feed_leads_to_its_documents_the_newest_first_with_title_and_date(site: Site) -> None:
    site.pages["/feed.xml"] = answer(200, RSS.encode())
    taken = [t.document for t in take(make_source(SourceKind.FEED, site["/feed.xml"])) if isinstance(t, Taken)]
    assert [(d.address, d.title, d.published) for d in taken] == [
        (site["/posts/new.md"], "Newer post", date(2026, 2, 2)),
        (site["/posts/old.md"], "Older post", date(2026, 1, 5)),
        (site["/careers/jobs.md"], "No date", None),
    ]
    assert {(d.source, d.developer) for d in taken} == {("larch-feed", "Larch AI")}


def test_a_feed_is_followed_as_far_as_the_source_says(site: Site) -> None:
    site.pages["/feed.xml"] = answer(200, RSS.encode())
    assert len(take(make_source(SourceKind.FEED, site["/feed.xml"], newest=1))) == 1
    (taken, _) = take(make_source(SourceKind.FEED, site["/feed.xml"], match="/posts/"))
    assert isinstance(taken, Taken)
    (refused,) = take(make_source(SourceKind.FEED, site["/feed.xml"], match="/papers/"))
    assert isinstance(refused, Refused)
    assert refused.reason == "it leads to no documents that match /papers/"


def test_a_feed_with_a_broken_link_costs_that_document_alone(site: Site) -> None:
    site.pages["/feed.xml"] = answer(200, RSS.encode())
    del site.pages["/posts/new.md"]
    reasons = [
        t.reason if isinstance(t, Refused) else "" for t in take(make_source(SourceKind.FEED, site["/feed.xml"]))
    ]
    assert reasons == ["the server answered 404 Not Found", "", ""]


def test_an_unchanged_feed_is_not_sent_again_and_still_leads_to_its_documents(site: Site, tmp_path: Path) -> None:
    site.pages["/feed.xml"] = versioned(RSS.encode(), etag='"1"')
    feed = make_source(SourceKind.FEED, site["/feed.xml"])
    first, second = (take(feed, archive=Archive(tmp_path)) for _ in range(2))
    assert first == second
    assert site.visits("/feed.xml")[1]["if-none-match"] == '"1"'


def test_a_sitemap_index_leads_to_the_documents_of_its_sitemaps(site: Site) -> None:
    index = f"<sitemapindex><sitemap><loc>{site['/gone.xml']}</loc></sitemap><sitemap><loc>/map.xml.gz</loc></sitemap>"
    inner = "<urlset><url><loc>/posts/new.md</loc></url></urlset>"
    site.pages |= {
        "/sitemap.xml": answer(200, f"{index}</sitemapindex>".encode()),
        "/map.xml.gz": answer(200, gzip.compress(inner.encode())),
    }
    refused, taken = take(make_source(SourceKind.SITEMAP, site["/sitemap.xml"]))
    assert isinstance(refused, Refused)
    assert (refused.address, refused.reason) == (site["/gone.xml"], "the server answered 404 Not Found")
    assert isinstance(taken, Taken)
    assert taken.document.address == site["/posts/new.md"]


def test_a_sitemap_that_leads_to_itself_ends(site: Site) -> None:
    site.pages["/sitemap.xml"] = answer(200, b"<sitemapindex><sitemap><loc>/sitemap.xml</loc></sitemap></sitemapindex>")
    (refused,) = take(make_source(SourceKind.SITEMAP, site["/sitemap.xml"]))
    assert isinstance(refused, Refused)
    assert refused.reason == "it leads to no documents"
    assert len(site.visits("/sitemap.xml")) == 2


def test_an_arxiv_query_leads_to_the_papers_themselves() -> None:
    assert list_leads(ATOM.encode(), "https://export.arxiv.org/api/query") == [
        Lead("https://arxiv.org/pdf/2602.00001v1", "Larch Report", date(2026, 2, 1)),
        Lead("https://export.arxiv.org/pine", "Pine", date(2026, 1, 1)),
    ]


def test_a_list_of_models_leads_to_their_cards_but_for_those_that_nobody_may_read() -> None:
    models = [
        {"id": "larch-ai/Larch-7B", "lastModified": "2026-01-02T03:04:05.000Z"},
        {"id": "larch-ai/Larch-70B", "createdAt": "2026-02-01T00:00:00.000Z"},
        {"id": "larch-ai/Secret", "private": True},
        {"id": "larch-ai/On-request", "gated": "manual"},
        {"id": "https://evil.example/x"},
        {"id": 7},
        "none",
    ]
    found = list_leads(json.dumps(models).encode(), "https://huggingface.co/api/models?author=larch-ai")
    assert [(lead.address, lead.title, lead.dated) for lead in found] == [
        ("https://huggingface.co/larch-ai/Larch-70B/raw/main/README.md", "larch-ai/Larch-70B", date(2026, 2, 1)),
        ("https://huggingface.co/larch-ai/Larch-7B/raw/main/README.md", "larch-ai/Larch-7B", date(2026, 1, 2)),
    ]


@pytest.mark.parametrize("data", [b"[", b"[" * 100_000, b'[{"id": "a/b"'])
def test_a_damaged_list_of_models_is_told(data: bytes) -> None:
    with pytest.raises(ListingError, match="nor a list of models"):
        list_leads(data, "https://huggingface.co/api/models")


def test_the_models_of_an_organisation_and_the_releases_of_a_repository_are_read(site: Site) -> None:
    models = [{"id": "larch-ai/Larch-7B", "lastModified": "2026-01-02T03:04:05.000Z"}]
    releases = """<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>v1</title><updated>2026-01-03T00:00:00Z</updated>
    <link rel="alternate" type="text/html" href="/o/r/releases/tag/v1"/></entry></feed>"""
    site.pages |= {
        "/api/models": answer(200, json.dumps(models).encode()),
        "/larch-ai/Larch-7B/raw/main/README.md": answer(200, CARD),
        "/releases.atom": answer(200, releases.encode()),
        "/o/r/releases/tag/v1": answer(200, b"<html><body><p>Larch-7B ran on 64 H800 GPUs.</p></body></html>"),
    }
    taken = take(
        make_source(SourceKind.MODELS, site["/api/models"]), make_source(SourceKind.RELEASES, site["/releases.atom"])
    )
    assert [(t.document.name, t.document.title) for t in taken if isinstance(t, Taken)] == [
        ("README.md", "larch-ai/Larch-7B"),
        ("v1", "v1"),
    ]


def test_pages_of_a_sitemap_without_a_date_come_last() -> None:
    assert [lead.address for lead in list_leads(SITEMAP.encode(), "https://example.org/")] == [
        "https://example.org/b.md",
        "https://example.org/a.md",
    ]


@pytest.mark.parametrize("data", [b"", b"# a card", b"<html><body>Log in</body></html>", b"\x1f\x8b\x08junk", b"\x00"])
def test_what_is_no_list_is_told(data: bytes) -> None:
    with pytest.raises(ListingError, match=r"neither a feed|no list that can be read"):
        list_leads(data, "https://example.org/")


def test_entities_of_a_list_neither_unfold_nor_reach_out(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    head = f'<!DOCTYPE rss [<!ENTITY l0 "ha">{laughs}<!ENTITY x SYSTEM "file://{tmp_path}/secret">]>'
    for entity in ("l11", "x"):
        item = f"<item><title>&{entity};</title><link>/a</link></item>"
        leads = list_leads(f"{head}<rss><channel>{item}</channel></rss>".encode(), "https://example.org/")
        assert all(len(lead.title) < 100 and lead.title != "secret" for lead in leads)


@given(st.binary(max_size=200), st.integers(0, len(RSS) - 1))
def test_a_damaged_list_gives_leads_or_is_told(data: bytes, at: int) -> None:
    damaged = RSS.encode()[:at] + data + RSS.encode()[at + len(data) :]
    try:
        leads = list_leads(damaged, "https://example.org/")
    except ListingError:
        return
    assert all(lead.address.startswith(("http:", "https:")) for lead in leads)


@pytest.mark.parametrize(
    ("kind", "address", "target"),
    [
        ("arxiv", "arxiv:2412.19437v2", "https://arxiv.org/pdf/2412.19437v2"),
        ("arxiv", "https://arxiv.org/abs/2412.19437", "https://arxiv.org/pdf/2412.19437"),
        ("github", "https://github.com/o/r", "https://raw.githubusercontent.com/o/r/HEAD/README.md"),
        ("github", "https://github.com/o/r/blob/main/a/b.md", "https://raw.githubusercontent.com/o/r/main/a/b.md"),
        ("huggingface", "https://huggingface.co/o/m", "https://huggingface.co/o/m/raw/main/README.md"),
        ("huggingface", "https://huggingface.co/o/m/blob/0a/x.md", "https://huggingface.co/o/m/raw/0a/x.md"),
        ("page", "https://github.com/o/r", "https://github.com/o/r"),
        ("github-releases", "https://github.com/o/r", "https://github.com/o/r/releases.atom"),
        ("github-releases", "https://github.com/o/r/releases", "https://github.com/o/r/releases.atom"),
        (
            "huggingface-models",
            "https://huggingface.co/o",
            "https://huggingface.co/api/models?author=o&sort=lastModified&direction=-1",
        ),
        (
            "arxiv-query",
            'abs:"technical report"',
            "https://export.arxiv.org/api/query?search_query=abs%3A%22technical+report%22"
            "&sortBy=submittedDate&sortOrder=descending&max_results=20",
        ),
    ],
)
def test_a_source_may_be_given_as_people_write_it(kind: str, address: str, target: str) -> None:
    values = {"id": "a", "title": "A", "developer": "B", "group": "c", "kind": kind, "address": address}
    assert Source.model_validate(values).target == target


@pytest.mark.parametrize(
    ("kind", "address", "more", "message"),
    [
        ("arxiv", "https://example.org/pdf/2412.19437", "", "a arxiv source is at arxiv.org"),
        ("github", "https://notgithub.com/o/r", "", "a github source is at github.com or githubusercontent.com"),
        ("feed", "https://example.org/feed", 'match = "("', "match: is no regular expression"),
        ("page", "https://example.org/", 'match = "a"', "match is for kinds that lead to documents"),
        ("feed", "https://example.org/feed", "newest = 0", "newest: "),
    ],
)
def test_a_source_that_cannot_be_is_refused(tmp_path: Path, kind: str, address: str, more: str, message: str) -> None:
    entry = f'id = "a"\ntitle = "A"\ndeveloper = "B"\ngroup = "c"\nkind = "{kind}"\naddress = "{address}"\n{more}\n'
    (tmp_path / "list.toml").write_text(f"[[source]]\n{entry}")
    with pytest.raises(SourceError, match=r"list\.toml, entry 1 \(a\): .*") as refused:
        load_sources(tmp_path / "list.toml")
    assert message in str(refused.value)


def test_how_a_source_stands_is_seen_and_nothing_is_kept(site: Site, tmp_path: Path) -> None:
    site.pages |= {"/card.md": in_turn(versioned(CARD, etag='"a"')), "/feed.xml": answer(200, RSS.encode())}
    card = make_source(SourceKind.PAGE, site["/card.md"])
    feed = make_source(SourceKind.FEED, site["/feed.xml"])
    gone = make_source(SourceKind.PDF, site["/gone.pdf"])
    seen = see(tmp_path, card, feed, gone)
    assert [sight.standing for sight in seen] == [Standing.NEW, Standing.LISTED, Standing.FAILED]
    assert (seen[1].documents, seen[2].reason) == (3, "the server answered 404 Not Found")
    assert list(tmp_path.iterdir()) == []
    assert not site.visits("/posts/new.md")
    take(card, archive=Archive(tmp_path))
    assert see(tmp_path, card)[0].standing is Standing.UNCHANGED
    site.pages["/card.md"] = versioned(CARD + b"more", etag='"b"')
    assert see(tmp_path, card)[0].standing is Standing.CHANGED
    assert see(tmp_path, card)[0].standing is Standing.CHANGED


def write_list(folder: Path) -> Path:
    (folder / "papers").mkdir()
    for name in ("a.md", "b.md"):
        (folder / "papers" / name).write_bytes(CARD)
    (folder / "empty").mkdir()
    entry = '[[source]]\nid = "{0}"\ntitle = "T"\ndeveloper = "D"\ngroup = "{1}"\nkind = "{2}"\naddress = "{3}"\n'
    entries = [
        entry.format("papers", "good", "folder", "papers"),
        entry.format("one", "good", "file", "papers/a.md"),
        entry.format("missing", "bad", "file", "papers/c.md"),
        entry.format("nothing", "bad", "folder", "empty"),
    ]
    (folder / "list.toml").write_text("".join(entries))
    return folder / "list.toml"


@pytest.fixture
def listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CHIPTRAIL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CHIPTRAIL_SOURCES", str(write_list(tmp_path)))
    return tmp_path


def invoke(*words: object) -> Result:
    return CliRunner().invoke(cli, list(map(str, words)), standalone_mode=False)


def test_files_and_folders_are_found_from_their_list(listed: Path) -> None:
    result = invoke("sources", "check")
    assert result.stdout.splitlines() == [
        "papers: listed (2 documents)",
        f"one: new (text/markdown, {len(CARD)} bytes)",
        "missing: failed (there is no such file)",
        "nothing: failed (it holds no documents)",
        "4 sources, 2 not to be had",
    ]
    assert result.return_value == 1
    assert not (listed / "home").exists()


@pytest.mark.parametrize(("name", "code"), [("good", 0), ("bad", 3), ("one", 0)])
def test_a_check_can_be_limited_and_its_exit_code_means_something(listed: Path, name: str, code: int) -> None:
    result = invoke("sources", "check", name, "--json")
    assert {sight["standing"] for sight in json.loads(result.stdout)} <= (
        {"failed"} if name == "bad" else {"listed", "new"}
    )
    assert result.return_value == code


def test_a_run_reads_the_sources_of_the_users_own_list(listed: Path) -> None:
    result = invoke("run", "--source", "good", "--out", listed / "set", "--plain", "--jobs", "0", "--json")
    assert json.loads(result.stdout)["outcomes"] == {"read": 3}
    lines = [json.loads(line) for line in (listed / "set" / "documents.jsonl").read_text().splitlines()]
    assert {line["source"] for line in lines} <= {"papers", "one"}


def test_own_sources_are_listed(listed: Path) -> None:
    found = json.loads(invoke("sources", "list", "--json").stdout)
    assert [source["id"] for source in found] == ["papers", "one", "missing", "nothing"]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("CHIPTRAIL_ALLOW", "localhost", "CHIPTRAIL_ALLOW: 'localhost' does not appear to be an IPv4 or IPv6 network"),
        ("CHIPTRAIL_CONTACT", "me\nX-Evil: 1", "CHIPTRAIL_CONTACT must be a mail address"),
    ],
)
def test_a_setting_that_cannot_be_is_named(
    listed: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    assert said in str(invoke("sources", "check", "one").exception)


def add(*words: object) -> Result:
    return invoke("sources", "add", *words, "--developer", "深度求索", "--group", "own")


def test_a_source_is_added_and_what_was_there_stays_as_it_was(listed: Path) -> None:
    path = listed / "list.toml"
    path.write_text("# Ours.\n" + path.read_text() + '# The end, "so far".\n')
    before = path.read_text()
    done = add("https://example.org/report.pdf", "--title", 'On "Larch" \\ 7B', "--licence", "CC BY 4.0")
    assert done.stdout == "example-org-report-pdf: pdf, https://example.org/report.pdf\n"
    assert path.read_text().startswith(before.rstrip())
    added = load_sources(path)[-1]
    assert (added.title, added.developer, added.licence) == ('On "Larch" \\ 7B', "DeepSeek", "CC BY 4.0")
    assert [source.id for source in load_sources(path)[:-1]] == ["papers", "one", "missing", "nothing"]


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("https://arxiv.org/abs/2412.19437", "arxiv"),
        ("arxiv:2412.19437", "arxiv"),
        ("https://github.com/o/r", "github"),
        ("https://github.com/o/r/releases", "github-releases"),
        ("https://huggingface.co/o/m", "huggingface"),
        ("https://huggingface.co/o", "huggingface-models"),
        ("https://example.org/blog/feed", "feed"),
        ("https://example.org/sitemap_en.xml", "sitemap"),
        ("https://example.org/a.PDF", "pdf"),
        ("https://example.org/a", "page"),
        ("papers/b.md", "file"),
    ],
)
def test_the_kind_of_a_source_is_told_from_its_address(listed: Path, address: str, kind: str) -> None:
    assert add(address).stdout.split(": ")[1].split(",")[0] == kind


def test_a_list_is_made_where_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHIPTRAIL_SOURCES", str(tmp_path / "new" / "list.toml"))
    add("cat:cs.CL AND abs:report", "--kind", "arxiv-query", "--newest", "50")
    (added,) = load_sources(tmp_path / "new" / "list.toml")
    assert (added.kind, added.newest, added.id) == (SourceKind.QUERY, 50, "cat-cs-cl-and-abs-report")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("papers/a.md",), "papers/a.md stands in list.toml, entry 2 (one) too"),
        (("https://example.org/", "--id", "one"), "one stands in list.toml, entry 2 (one) too"),
        (("http://example.org/",), "must be an https address"),
        (("https://example.org/", "--match", "a"), "match is for kinds that lead to documents"),
        (("https://example.org/", "--id", "Not so"), "id: String should match pattern"),
        (("https://example.org/", "--developer", "Deepsek"), "DeepSeek"),
    ],
)
def test_a_source_that_cannot_be_added_leaves_the_list_as_it_is(
    listed: Path, words: tuple[str, ...], said: str
) -> None:
    before = (listed / "list.toml").read_bytes()
    given = words if "--developer" in words else (*words, "--developer", "DeepSeek")
    assert said in str(invoke("sources", "add", *given, "--group", "own").exception)
    assert (listed / "list.toml").read_bytes() == before
    assert sorted(path.name for path in listed.iterdir()) == ["empty", "list.toml", "papers"]
