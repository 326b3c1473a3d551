"""Four automations on the Prefect server at PREFECT_API_URL that call a webhook.

    python docs/alarm.py https://alarm.example/hook --hours 26

One when a run failed, one when its process died, one when a run added, changed or withdrew links, and one when no run
of any deployment completed for some hours. Calling it again replaces what it made before. That a process died the
server knows from its own events, which reach automations up to a quarter of an hour late; the others rest on events of
chiptrail's, which come at once.
"""

from __future__ import annotations

import argparse
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


def _without(event: str, time: timedelta) -> EventTrigger:
    """When an event does not come in time, and again as long as it does not.

    Each event starts the clock anew, since it is in `after` too; without that, Prefect looks at one stretch of time
    after the other, and may notice a silence only as it has lasted three of them. The clock begins with the automation:
    in Prefect 3.8 a trigger without `for_each` waits for nothing to come first, whatever is in `after`.
    """
    return EventTrigger(after={event}, expect={event}, posture=Posture.Proactive, threshold=1, within=time)


def make_said(silence: timedelta) -> dict[str, tuple[EventTrigger, str]]:
    """The automations by name: what they wait for, and what they send."""
    last = '{{ {"run": event.payload.run, "ended": event.occurred.isoformat()} | tojson if event else "null" }}'
    return {
        "chiptrail: a run failed": (_on("chiptrail.run-failed"), '{"failed": {{ event.payload | tojson }}}'),
        "chiptrail: a run died": (
            _on("prefect.flow-run.Crashed", "watch-sources"),
            '{"died": {"run": {{ flow_run.name | tojson }}}}',
        ),
        "chiptrail: links changed": (_on("chiptrail.links-changed"), '{"changed": {{ event.payload | tojson }}}'),
        "chiptrail: no run completed": (
            _without("chiptrail.run-completed", silence),
            f'{{"silent": {{"last": {last}}}}}',
        ),
    }


def set_alarms(address: str, silence: timedelta) -> None:
    """Make the automations on the server."""
    hook = Webhook(method="POST", url=address).save("chiptrail-alarm", overwrite=True)
    for name, (trigger, payload) in make_said(silence).items():
        with suppress(ObjectNotFound, ValueError):
            Automation.read(name=name).delete()
        call = CallWebhook(block_document_id=hook, payload=payload)
        Automation(name=name, trigger=trigger, actions=[call]).create()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Make automations on the Prefect server that call a webhook.")
    parser.add_argument("address", help="address of the webhook")
    parser.add_argument("--hours", type=float, default=26, help="hours without a run that completed; 26 otherwise")
    given = parser.parse_args()
    set_alarms(given.address, timedelta(hours=given.hours))
