"""The technician's tools around jobs: what is next, the way there, notes, completion, the customer."""

from __future__ import annotations

from livekit.agents import RunContext, function_tool

from agent.call import Call
from agent.lines.tools import ToolLine

Context = RunContext[Call]


class JobTools(ToolLine):
    """Tools about work orders. Without a number the database takes the job at hand."""

    @function_tool
    async def my_jobs(self, context: Context, day: str = "today") -> str:
        """Call when the technician asks for the jobs of a day.

        Args:
            day: today, tomorrow, yesterday, a weekday's name, or a date as YYYY-MM-DD or MM-DD.
        """
        return await self.use(context, "my_jobs", day=day)

    @function_tool
    async def next_job(self, context: Context) -> str:
        """Call when the technician asks what is next or where to go."""
        return await self.use(context, "next_job")

    @function_tool
    async def job_details(self, context: Context, number: int | None = None) -> str:
        """Call when the technician asks about a job: address, customer, contact, what to do, notes.

        Args:
            number: The work order's number, when it was said.
        """
        return await self.use(context, "job_details", number=number)

    @function_tool
    async def start_travel(self, context: Context, number: int | None = None) -> str:
        """Call when the technician sets off to a job.

        Args:
            number: The work order's number, when it was said.
        """
        return await self.use(context, "start_travel", write=True, number=number)

    @function_tool
    async def arrive(self, context: Context, number: int | None = None) -> str:
        """Call when the technician has arrived on site or begins the work.

        Args:
            number: The work order's number, when it was said.
        """
        return await self.use(context, "arrive", write=True, number=number)

    @function_tool
    async def add_note(
        self,
        context: Context,
        note: str,
        alert_office: bool = False,
        number: int | None = None,
        again: bool = False,
    ) -> str:
        """Call when the technician dictates a note for a job.

        Args:
            note: The note, in the technician's own words.
            alert_office: True when the office or dispatch is to be told.
            number: The work order's number, when it was said.
            again: True only when the technician says that the same note is to be written once more.
        """
        return await self.use(
            context,
            "add_note",
            write=True,
            note=note,
            alert_office=alert_office,
            number=number,
            again=again,
            **self.call.sound.of(note),
        )

    @function_tool
    async def complete_job(
        self, context: Context, summary: str, number: int | None = None, confirmed: bool = False
    ) -> str:
        """Call when the technician says that a job is finished.

        Args:
            summary: What was done, in the technician's own words. Ask for it when it was not said.
            number: The work order's number, when it was said.
            confirmed: True only after the technician said yes to the read-back.
        """
        return await self.use(context, "complete_job", write=True, summary=summary, number=number, confirmed=confirmed)

    @function_tool
    async def customer_history(self, context: Context, number: int | None = None) -> str:
        """Call when the technician asks what was done for this customer before.

        Args:
            number: A work order's number of that customer, when it was said.
        """
        return await self.use(context, "customer_history", number=number)

    @function_tool
    async def book_follow_up(
        self,
        context: Context,
        day: str,
        time: str | None = None,
        reason: str | None = None,
        number: int | None = None,
        again: bool = False,
    ) -> str:
        """Call when the technician wants to come back to the same customer on another day.

        Args:
            day: today, tomorrow, a weekday's name, or a date as YYYY-MM-DD or MM-DD. Ask for it when it was not said.
            time: The time of day as HH:MM, when it was said.
            reason: What is left to do, in the technician's own words.
            number: The work order's number, when it was said.
            again: True only when the technician says that a second visit is to be booked.
        """
        return await self.use(
            context, "book_follow_up", write=True, day=day, time=time, reason=reason, number=number, again=again
        )
