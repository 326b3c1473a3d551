-- Prefect must not share a database with the evidence: its own is pruned, and may be thrown away.
CREATE DATABASE prefect;
