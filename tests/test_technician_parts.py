"""How a technician talks about parts: which one is meant, what is where, using, taking, restocking."""

from __future__ import annotations

import pytest

from tests.support.lines import DEMO, MIKE, SARAH, SECOND, Connection, TechnicianCall, call_as, one, value


@pytest.fixture
async def mike(sql: Connection) -> TechnicianCall:
    """Mike on truck 201, at work on order 1057."""
    call = await call_as(sql, MIKE)
    await call.do("clock_in", truck=201)
    await call.do("arrive", number=1057)
    return call


async def stock(sql: Connection, truck: int, part: str) -> int:
    return await value(
        sql,
        """select s.quantity from truck_inventory s join trucks t on t.id = s.truck_id
        join inventory_items i on i.id = s.item_id where t.company_id = %s and t.number = %s and i.name = %s""",
        DEMO,
        truck,
        part,
    )


async def ledger(sql: Connection) -> int:
    return await value(sql, "select count(*) from stock_movements where reason <> 'restocked'")


@pytest.mark.parametrize(
    ("said", "part"),
    [
        ("cat six", "Cat6 Cable"),
        ("cat 6 cable", "Cat6 Cable"),
        ("CAT-6", "Cat6 Cable"),
        ("feet of category six", "Cat6 Cable"),
        ("shielded cat six", "Shielded Cat6 Cable"),
        ("r j forty-five", "RJ45 Connector"),
        ("r j forty fives", "RJ45 Connector"),
        ("RJ45 connectors", "RJ45 Connector"),
        ("rj four five", "RJ45 Connector"),
        ("are jay forty five", "RJ45 Connector"),
        ("b n c connector", "BNC Connector"),
        ("dome camera", "IP Dome Camera"),
        ("dome cams", "IP Dome Camera"),
        ("bullit camera", "Bullet Camera"),
        ("pan tilt zoom camera", "PTZ Camera"),
        ("siamese", "RG59 Siamese Cable"),
        ("r g fifty nine", "RG59 Siamese Cable"),
        ("p o e injector", "PoE Injector"),
        ("P.O.E. switches", "PoE Switch"),
        ("twelve volt power supply", "12V Power Supply"),
        ("twenty-four volt supply", "24V Power Supply"),
        ("fish tape", "Fish Tape"),
        ("fishtape", "Fish Tape"),
        ("crimpers", "Crimper"),
        ("a drill", "Drill Kit"),
    ],
)
async def test_part_is_understood_as_people_say_it(mike: TechnicianCall, said: str, part: str) -> None:
    assert (await mike.ask("who_has", part=said))["part"] == part


@pytest.mark.parametrize(
    "said",
    [
        "cat five cable",
        "36 volt power supply",
        "hdmi cable",
        "flux capacitor",
        "ladder",
        "the",
        "; drop table trucks",
        "%",
    ],
)
async def test_part_that_nobody_carries_is_not_guessed(mike: TechnicianCall, said: str) -> None:
    assert (await mike.no("who_has", part=said)).code == "FL030"


@pytest.mark.parametrize(
    ("said", "options"),
    [
        ("connectors", ["BNC Connector", "RJ45 Connector"]),
        ("power supplies", ["12V Power Supply", "24V Power Supply"]),
        ("cable", ["Cat6 Cable", "RG59 Siamese Cable", "Shielded Cat6 Cable"]),
        ("cameras", ["Analog Camera", "Bullet Camera", "IP Dome Camera", "PTZ Camera"]),
        ("p o e", ["PoE Injector", "PoE Switch"]),
    ],
)
async def test_part_that_may_be_several_is_asked_about(mike: TechnicianCall, said: str, options: list[str]) -> None:
    refusal = await mike.refusal("use_part", part=said, quantity=2)
    assert refusal.reason == "part_ambiguous" and refusal.facts == {"heard": said, "options": options}


async def test_the_only_connector_on_the_truck_is_the_one_that_is_meant(mike: TechnicianCall, sql: Connection) -> None:
    await mike.do("use_part", part="bnc", quantity=100, confirmed=True)
    facts = await mike.do("use_part", part="connectors", quantity=2)
    assert facts["part"] == "RJ45 Connector" and facts["left"] == 98


async def test_parts_of_the_other_company_do_not_exist(mike: TechnicianCall, sql: Connection) -> None:
    assert (await mike.no("who_has", part="flame sensor")).code == "FL030"
    dana = await call_as(sql, "101", SECOND)
    assert [truck["truck"] for truck in (await dana.ask("who_has", part="flame sensors"))["trucks"]] == [201]


async def test_using_parts_moves_stock_and_ledger_together(mike: TechnicianCall, sql: Connection) -> None:
    facts = await mike.do("use_part", part="RJ45 connectors", quantity=2)
    assert (facts["part"], facts["quantity"], facts["unit"], facts["left"], facts["low"]) == (
        "RJ45 Connector",
        2,
        "units",
        98,
        False,
    )
    assert facts["job"]["number"] == 1057 and await stock(sql, 201, "RJ45 Connector") == 98
    row = await one(
        sql,
        """select m.change, m.quantity_after, m.reason, w.number, m.technician_id, m.created_by_type
        from stock_movements m join work_orders w on w.id = m.work_order_id""",
    )
    assert row == (-2, 98, "used", 1057, mike.technician_id, "technician")


async def test_parts_said_twice_are_used_once(mike: TechnicianCall, sql: Connection) -> None:
    first = await mike.do("use_part", part="rj45", quantity=2, request_id="a")
    assert await mike.do("use_part", part="rj45", quantity=2, request_id="a") == first
    assert await mike.do("use_part", part="r j forty five", quantity="2.0") == first | {"repeated": True}
    assert await stock(sql, 201, "RJ45 Connector") == 98
    assert (await mike.do("use_part", part="rj45", quantity=2, again=True))["left"] == 96
    assert (await mike.do("use_part", part="rj45", quantity=3))["left"] == 93
    assert await ledger(sql) == 3


@pytest.mark.parametrize("quantity", [0, -2, 2.5, 10_001, "1e30", "NaN", "Infinity", "-Infinity", None])
async def test_quantity_that_cannot_be_is_refused(mike: TechnicianCall, sql: Connection, quantity: object) -> None:
    assert (await mike.refusal("use_part", part="rj45", quantity=quantity)).code == "FL033"
    assert (await mike.refusal("take_part", part="rj45", quantity=quantity, from_truck=202)).code == "FL033"
    assert await ledger(sql) == 0


async def test_unusual_quantity_is_asked_back(mike: TechnicianCall) -> None:
    refusal = await mike.refusal("use_part", part="cat six", quantity=300)
    assert refusal.reason == "confirm_quantity"
    assert refusal.facts == {"part": "Cat6 Cable", "quantity": 300, "unit": "feet"}
    assert (await mike.do("use_part", part="cat six", quantity=300, confirmed=True))["left"] == 200


async def test_more_than_is_there_cannot_be_used(mike: TechnicianCall, sql: Connection) -> None:
    refusal = await mike.refusal("use_part", part="dome camera", quantity=6, confirmed=True)
    assert refusal.reason == "not_enough"
    assert refusal.facts == {"part": "IP Dome Camera", "have": 5, "unit": "units", "wanted": 6, "truck": 201}
    await mike.do("use_part", part="dome camera", quantity=5)
    assert (await mike.refusal("use_part", part="dome camera", quantity=1)).code == "FL035"
    assert await stock(sql, 201, "IP Dome Camera") == 0


async def test_office_is_told_once_when_stock_falls_low(mike: TechnicianCall, sql: Connection) -> None:
    for quantity in (3, 1, 1):
        await mike.do("use_part", part="dome camera", quantity=quantity, again=True)
    assert await one(sql, "select count(*), max(message) from notifications where notification_type = 'low_stock'") == (
        1,
        "Truck 201 is low on IP Dome Camera: 1 units left.",
    )


async def test_nobody_uses_parts_without_a_truck_or_on_a_cancelled_job(sql: Connection) -> None:
    mike = await call_as(sql, MIKE)
    assert (await mike.refusal("use_part", part="rj45", quantity=1, number=1057)).code == "FL014"
    await mike.do("clock_in", truck=201)
    await sql.execute("select _move_order(id, 'cancelled', 'Rain') from work_orders where number = 1058")
    assert (await mike.refusal("use_part", part="rj45", quantity=1, number=1058)).code == "FL022"


async def test_taking_parts_moves_them_between_trucks(mike: TechnicianCall, sql: Connection) -> None:
    facts = await mike.do("take_part", part="dome cameras", quantity=2, from_truck=202)
    assert facts == {
        "part": "IP Dome Camera", "quantity": 2, "unit": "units", "from_truck": 202, "to_truck": 201,
        "left_there": 3, "have": 7, "repeated": False,
    }  # fmt: skip
    assert (await mike.do("take_part", part="dome camera", quantity=2, from_truck=202))["repeated"] is True
    assert await stock(sql, 202, "IP Dome Camera") == 3
    assert (await mike.do("undo_last_entry"))["action"] == "taken"
    assert await stock(sql, 202, "IP Dome Camera") == 5 and await stock(sql, 201, "IP Dome Camera") == 5


@pytest.mark.parametrize(("truck", "reason"), [(201, "same_truck"), (1, "office_truck"), (999, "truck_unknown")])
async def test_parts_cannot_be_taken_from_there(mike: TechnicianCall, truck: int, reason: str) -> None:
    assert (await mike.refusal("take_part", part="dome camera", quantity=1, from_truck=truck)).reason == reason


async def test_undone_parts_go_back_by_a_counter_movement(mike: TechnicianCall, sql: Connection) -> None:
    await mike.do("use_part", part="rj45", quantity=10)
    last = await mike.ask("read_last_entry")
    assert (last["kind"], last["part"], last["quantity"], last["action"]) == ("part", "RJ45 Connector", 10, "used")
    assert (await mike.refusal("undo_last_entry", kind="note")).code == "FL060"
    assert (await mike.do("undo_last_entry", kind="part"))["undone"] is True
    assert await stock(sql, 201, "RJ45 Connector") == 100 and await ledger(sql) == 2
    assert (await mike.refusal("undo_last_entry", kind="part", again=True)).code == "FL060"


async def test_stock_is_told_for_the_own_truck_another_and_one_part(mike: TechnicianCall, sql: Connection) -> None:
    assert len((await mike.ask("check_stock"))["items"]) == 17
    assert (await mike.ask("check_stock", truck=204))["truck"] == 204
    facts = await mike.ask("check_stock", part="dome camera")
    assert (facts["truck"], facts["quantity"], facts["low"]) == (201, 5, False)
    assert facts["others"][0] == {"truck": 202, "quantity": 5, "technician": "Sarah Williams"}
    trucks = (await mike.ask("who_has", part="dome camera"))["trucks"]
    assert [truck["mine"] for truck in trucks] == [True, False, False, False]
    assert trucks[-1]["technician"] is None


async def test_technician_without_a_truck_hears_who_has_a_part(sql: Connection) -> None:
    mike = await call_as(sql, MIKE)
    assert (await mike.no("check_stock")).code == "FL014"
    facts = await mike.ask("check_stock", part="dome camera")
    assert facts["quantity"] is None and facts["truck"] is None and len(facts["others"]) == 4


async def test_restock_asks_for_what_is_missing(mike: TechnicianCall, sql: Connection) -> None:
    await mike.do("use_part", part="cat six", quantity=120)
    facts = await mike.do("request_restock", part="cat six")
    assert facts == {"part": "Cat6 Cable", "quantity": 120, "unit": "feet", "truck": 201, "repeated": False}
    assert (await mike.do("request_restock", part="cat 6 cable"))["repeated"] is True
    told = await value(sql, "select message from notifications where notification_type = 'restock_request'")
    assert told == "Mike Johnson asks for 120 feet of Cat6 Cable for truck 201."
    assert (await mike.refusal("request_restock", part="cat six", quantity=0)).code == "FL033"


async def test_sarahs_repeat_is_not_mikes(mike: TechnicianCall, sql: Connection) -> None:
    sarah = await call_as(sql, SARAH)
    await mike.do("request_restock", part="rj45", quantity=5)
    assert (await sarah.do("request_restock", part="rj45", quantity=5))["repeated"] is False
