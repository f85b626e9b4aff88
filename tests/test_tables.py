"""Tables for people and for spreadsheets."""

from projections.desk.tables import sheet, table


def test_a_cell_that_a_spreadsheet_would_run_is_made_harmless() -> None:
    body = sheet(["a"], [["=1+1"], ["＋cmd"], ["\tx"], ['say "hi", you'], [-5]])
    assert body.decode("utf-8-sig") == (
        'a\r\n\'=1+1\r\n\'＋cmd\r\n\'\tx\r\n"say ""hi"", you"\r\n-5\r\n'
    )


def test_columns_stand_straight_under_chinese_names() -> None:
    lines = table(["单位", "n"], [["城管中队", 5], ["E01", 12], ["a\x1b[2J", None]])
    assert lines == [
        "单位         n",
        "城管中队     5",
        "E01         12",
        "a\\u001b[2J   -",
    ]
