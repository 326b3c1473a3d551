"""Three automations on the Prefect server at PREFECT_API_URL that call a webhook.

    python docs/alarm.py https://alarm.example/hook

One when a run failed, one when its process died, one when a run added, changed or withdrew links. Calling it again
replaces what it made before. That a process died the server knows from its own events, which reach automations up to a
quarter of an hour late; the other two are chiptrail's and come at once.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from datetime import timedelta

from prefect.automations import Automation
from prefect.blocks.webhook import Webhook
from prefect.events.actions import CallWebhook
from prefect.events.schemas.automations import EventTrigger, Posture
from prefect.exceptions import ObjectNotFound


def _on(event: str, flow: str = "") -> EventTrigger:
    related = {"prefect.resource.role": "flow", "prefect.resource.name": flow} if flow else {}
    return EventTrigger(
        expect={event},
        match_related=related,  # type: ignore[arg-type]
        posture=Posture.Reactive,
        threshold=1,
        within=timedelta(0),
    )


SAID = {
    "chiptrail: a run failed": (_on("chiptrail.run-failed"), '{"failed": {{ event.payload | tojson }}}'),
    "chiptrail: a run died": (
        _on("prefect.flow-run.Crashed", "watch-sources"),
        '{"died": {"run": {{ flow_run.name | tojson }}}}',
    ),
    "chiptrail: links changed": (_on("chiptrail.links-changed"), '{"changed": {{ event.payload | tojson }}}'),
}


def set_alarms(address: str) -> None:
    """Make the automations on the server."""
    hook = Webhook(method="POST", url=address).save("chiptrail-alarm", overwrite=True)
    for name, (trigger, payload) in SAID.items():
        with suppress(ObjectNotFound, ValueError):
            Automation.read(name=name).delete()
        call = CallWebhook(block_document_id=hook, payload=payload)
        Automation(name=name, trigger=trigger, actions=[call]).create()


if __name__ == "__main__":
    set_alarms(sys.argv[1])
