"""Prints what the iCalendar parser finds in a file with one event and one alarm, as JSON."""

import json
import sys
from datetime import timezone
from pathlib import Path

from icalendar import Calendar

calendar = Calendar.from_ical(Path(sys.argv[1]).read_bytes())
(event,) = calendar.walk("VEVENT")
(alarm,) = event.walk("VALARM")
start = event["DTSTART"].dt
assert start.tzinfo is not None
print(json.dumps({
    "uid": str(event["UID"]),
    "start": start.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
    "summary": str(event["SUMMARY"]),
    "alarm_days": alarm["TRIGGER"].dt.days,
    "errors": [str(error) for error in calendar.errors + event.errors + alarm.errors],
}))
