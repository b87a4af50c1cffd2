"""A booking as a calendar entry that says nothing about it: a neutral title, day and time, no place (rule
21)."""

from datetime import datetime

from icalendar import Calendar, Event

TITLE = "Appointment"
FILE_NAME = "appointment.ics"


def entry(*, ref: str, starts_at: datetime, ends_at: datetime, now: datetime) -> bytes:
    """The .ics file of one booking; importing it again after a move changes the entry that is there."""
    event = Event()
    event.add("uid", ref)
    event.add("summary", TITLE)
    event.add("dtstart", starts_at)
    event.add("dtend", ends_at)
    event.add("dtstamp", now)
    event.add("class", "PRIVATE")
    calendar = Calendar()
    calendar.add("prodid", "-//Appointment//EN")
    calendar.add("version", "2.0")
    calendar.add_component(event)
    return bytes(calendar.to_ical())
