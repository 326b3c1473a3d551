"""The tables of review: the log of decisions, and what is derived from it so that a queue is there at once.

`decisions` is only ever added to. `verdicts`, `queue` and `plants` are derived, and made anew by each run.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, Index, Integer, String, Table, Text

from evidence.tables import Instant, metadata

decisions = Table(
    "decisions",
    metadata,
    Column("id", String, primary_key=True),
    Column("claim", String, nullable=False, index=True),
    Column("work", String, nullable=False),
    Column("reviewer", String, nullable=False),
    Column("time", Instant, nullable=False, index=True),
    Column("action", String, nullable=False),
    Column("planted", Boolean, nullable=False),
    Column("subject", String, nullable=False, index=True),
    Column("body", Text, nullable=False),
    Index("ix_decisions_work_reviewer", "work", "reviewer"),
    Index("ix_decisions_reviewer_time", "reviewer", "time"),
)
"""`subject` is that of the stated claim, or empty where none is stated."""

verdicts = Table(
    "verdicts",
    metadata,
    Column("claim", String, primary_key=True),
    Column("reviewer", String, primary_key=True),
    Column("decision", String, nullable=False, index=True),
    Column("work", String, nullable=False),
    Column("verdict", String, nullable=False),
    Column("stated", String, nullable=False),
    Column("final", Boolean, nullable=False),
    Column("time", Instant, nullable=False),
    Column("stands", Boolean, nullable=False),
    Index("ix_verdicts_work_reviewer", "work", "reviewer"),
    Index("ix_verdicts_reviewer", "reviewer", "verdict"),
)
"""The last decision of each reviewer that bears on a claim as it is now; `stands` where the claim is what it was."""

queue = Table(
    "review_queue",
    metadata,
    Column("claim", String, primary_key=True),
    Column("work", String, nullable=False, index=True),
    Column("model", String, nullable=False),
    Column("developer", String, nullable=False),
    Column("chip", String, nullable=False),
    Column("type", String, nullable=False),
    Column("document", String(64), nullable=False),
    Column("name", String, nullable=False),
    Column("status", String, nullable=False),
    Column("stage", String, nullable=False),
    Column("value", String, nullable=False),
    Column("words", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("state", String, nullable=False),
    Column("wants", Integer, nullable=False),
    Column("rank", Float, nullable=False),
    Column("worth", Float, nullable=False),
    Column("why", String, nullable=False),
    Column("alike", String, nullable=False, index=True),
    Column("second", Boolean, nullable=False),
    Index("ix_review_queue_model", "model", "wants", "rank"),
    Index("ix_review_queue_document", "document", "wants", "rank"),
    Index("ix_review_queue_state", "state", "rank"),
    Index(
        "ix_review_queue_wants", "wants", "rank", "developer", "chip", "type", "status", "model", "document", "claim"
    ),
)
"""Every claim that can be decided, planted ones among them. `wants` is 1 where somebody may be asked, `rank` is
`worth` with what the state adds, `alike` is one for equal claims, `second` says that two reviewers are asked. `text`
is what a search looks in. The index on `wants` holds all that filters and counts ask for, so that they touch no row."""

plants = Table(
    "plants",
    metadata,
    Column("claim", String, primary_key=True),
    Column("work", String, nullable=False),
    Column("origin", String, nullable=False, index=True),
    Column("alteration", Text, nullable=False),
    Column("body", Text, nullable=False),
)
"""Claims made wrong to measure reviewers."""
