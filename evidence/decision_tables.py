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
    Column("reviewer", String, nullable=False, index=True),
    Column("time", Instant, nullable=False, index=True),
    Column("action", String, nullable=False),
    Column("planted", Boolean, nullable=False),
    Column("body", Text, nullable=False),
)

verdicts = Table(
    "verdicts",
    metadata,
    Column("claim", String, primary_key=True),
    Column("reviewer", String, primary_key=True),
    Column("decision", String, nullable=False, index=True),
    Column("stands", Boolean, nullable=False),
)
"""The last decision of each reviewer that bears on a claim as it is now; `stands` where the claim is what it was."""

queue = Table(
    "review_queue",
    metadata,
    Column("claim", String, primary_key=True),
    Column("work", String, nullable=False),
    Column("model", String, nullable=False),
    Column("developer", String, nullable=False),
    Column("chip", String, nullable=False),
    Column("type", String, nullable=False),
    Column("document", String(64), nullable=False),
    Column("status", String, nullable=False),
    Column("state", String, nullable=False),
    Column("rank", Float, nullable=False),
    Column("why", Text, nullable=False),
    Column("alike", String, nullable=False, index=True),
    Column("second", Integer, nullable=False),
    Column("words", Text, nullable=False),
    Index("ix_review_queue_rank", "state", "rank"),
    Index("ix_review_queue_model", "model", "state", "rank"),
    Index("ix_review_queue_developer", "developer", "state", "rank"),
    Index("ix_review_queue_chip", "chip", "state", "rank"),
    Index("ix_review_queue_type", "type", "state", "rank"),
    Index("ix_review_queue_document", "document", "state", "rank"),
)

plants = Table(
    "plants",
    metadata,
    Column("claim", String, primary_key=True),
    Column("origin", String, nullable=False, index=True),
    Column("alteration", Text, nullable=False),
    Column("body", Text, nullable=False),
)
"""Claims made wrong to measure reviewers; each stands in the queue like any other."""
