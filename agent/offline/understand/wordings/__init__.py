"""Looser wordings of the commands, in the notation of phrases.py; too many for a grammar, cheap for rules.

Besides the slots of phrases.py: <done> is dictated and tells of something done ("replaced the camera"), <when> is
day, time and reason of a visit, <kind> a note or a part; <person> and <customer> are names. Contractions are written
out, as the rules see them. The order is the order of trial: dictation first, since any words may stand in it.
"""

from collections.abc import Mapping

from agent.offline.understand.wordings import jobs, notes, shift, stock, talk

EVERYDAY: Mapping[str, tuple[str, ...]] = {
    "identify": talk.IDENTIFY,
    "add_note": notes.ADD_NOTE,
    "read_notifications": notes.READ_NOTIFICATIONS,
    "mark_notifications_read": notes.MARK_READ,
    "my_jobs": jobs.MY_JOBS,
    "next_job": jobs.NEXT_JOB,
    "job_details": jobs.JOB_DETAILS,
    "start_travel": jobs.START_TRAVEL,
    "to_customer": jobs.TO_CUSTOMER,
    "arrive": jobs.ARRIVE,
    "check_stock": stock.CHECK_STOCK,
    "who_has": stock.WHO_HAS,
    "use_part": stock.USE_PART,
    "take_part": stock.TAKE_PART,
    "request_restock": stock.RESTOCK,
    "low_on": stock.LOW_ON,
    "complete_job": (*jobs.COMPLETE_JOB, *jobs.WITH_SUMMARY, *jobs.AND_DONE),
    "customer_history": jobs.CUSTOMER_HISTORY,
    "read_last_entry": notes.READ_LAST,
    "undo_last_entry": notes.UNDO_LAST,
    "say_goodbye": talk.GOODBYE,
    "my_status": shift.MY_STATUS,
    "clock_in": shift.CLOCK_IN,
    "clock_out": shift.CLOCK_OUT,
    "off_work": shift.OFF_WORK,
    "book_follow_up": jobs.BOOK_FOLLOW_UP,
}
"""Tool, or a way of speaking that leads to one (`to_customer`, `low_on`, `off_work`) → its wordings."""
