"""No number of a person enters the record with a report, however it is written."""

import pytest

from tests.story import Story
from whistle.domain.incident import INCIDENT
from whistle.domain.incident.intake import ReportIncident

NUMBERS = [
    "草桥路12号 13900000001",
    "caller 13900000001",
    "110101199003078888",
    "11010119900307888X",
    "139 0000 0001",
    "139-0000-0001",
    "1390 000 0001",
    "+8613900000001",
    "0086 139-0000-0001",
    "１３９０００００００１",
    "010-88886666",
    "（010）88886666",
    "110101 19900307 8888",
    "110101-19900307-888x",
]
OTHERS = [
    "G106 2139000000012",
    "榆苑路12345号",
    "20261122000123",
    "12345",
    "88886666号",
    "G1503 1234567",
    "2026-11-22 13:00:00",
    "W-WY26-00019 W-WY26-00020",
    "121.123456 37.1234567",
    "订单 1381234567890123",
    "1-2-3-4-5-6-7-8-9-10-11",
    "2026-11-22T13:00:00.123456Z",
]


@pytest.mark.parametrize("told", NUMBERS)
def test_no_number_of_a_person_enters_the_record_with_a_report(told: str) -> None:
    for order in (
        ReportIncident(item="0502", place=told),
        ReportIncident(item="0502", place="草桥路12号", note=told),
        ReportIncident(item="0502", place="草桥路12号", grid=told),
    ):
        Story(INCIDENT).when(order).then_refused("report.personal")


@pytest.mark.parametrize("told", OTHERS)
def test_other_long_numbers_in_a_report_are_no_persons(told: str) -> None:
    Story(INCIDENT).when(ReportIncident(item="0502", place=told)).then_topics("incident.reported/1")
