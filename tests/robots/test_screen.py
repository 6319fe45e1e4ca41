"""What stands on a screen is found as a person finds it."""

from __future__ import annotations

import pytest

from yakuba.robots.errors import NotOnScreen
from yakuba.robots.screen import Screen, find_field, find_pressable, plain


def name_of(page: str, label: str) -> str:
    return find_field([Screen(page)], label).name


@pytest.mark.parametrize(
    "page",
    [
        '<label for="x">氏名</label><input id="x" name="n">',
        '<label>氏名 <input name="n"></label>',
        '<table><tr><td>氏名</td><td><input name="n"></td></tr></table>',
        '<table><tr><td>氏名</td><td></td><td><input name="n"></td></tr></table>',
        '<table><tr><th>氏名</th><th>住所</th></tr><tr><td><input name="n"></td><td><input name="o"></td></tr></table>',
        '氏名：<input name="n">',
        '<b>氏名</b><br><input name="n">',
        '<p>氏名 <font color="red">*</font> <input name="n"></p>',
        '<input name="n" aria-label="氏名">',
        '<input name="n" placeholder="氏名">',
        '<table><tr><td>氏名<br><input name="n"></td></tr></table>',
        "<table><tr><td>氏名</td><td><textarea name='n'></textarea></td></tr></table>",
        "<table><tr><td>氏名</td><td><select name='n'><option>1</select></td></tr></table>",
    ],
)
def test_a_field_is_found_by_the_label_wherever_old_pages_put_it(page):
    assert name_of(page, "氏名") == "n"


@pytest.mark.parametrize("written", ["氏名：", " 氏　名 ", "氏名*", "氏名（必須）", "※氏名"])
def test_colons_stars_blanks_and_required_do_not_matter(written):
    assert plain(written) == plain("氏名")


def test_width_does_not_matter():
    assert name_of("<label>ﾌﾘｶﾞﾅ <input name=n></label>", "フリガナ") == "n"


def test_two_fields_with_the_same_label_are_none():
    page = "<p>氏名 <input name=a></p><p>氏名 <input name=b></p>"
    with pytest.raises(NotOnScreen, match="2 field"):
        find_field([Screen(page)], "氏名")


def test_a_field_that_is_not_there_is_named_with_what_is():
    with pytest.raises(NotOnScreen, match="住所"):
        find_field([Screen("<p>住所 <input name=a></p>")], "氏名")


@pytest.mark.parametrize(
    "hidden",
    ['<input type="hidden" name="n">', '<input name="n" disabled>', '<input name="n" style="display: none">'],
)
def test_what_nobody_can_fill_in_is_no_field(hidden):
    with pytest.raises(NotOnScreen):
        find_field([Screen(f"<p>氏名 {hidden}</p>")], "氏名")


def test_radios_of_one_name_are_one_field_with_choices():
    page = "<table><tr><td>性別</td><td><input type=radio name=s value=1>男<input type=radio name=s value=2>女</td></tr></table>"
    field = find_field([Screen(page)], "性別")
    assert field.options == (("男", "1"), ("女", "2"))


def test_a_button_goes_before_a_link_that_says_the_same():
    page = '<a href="/x">登録</a><form><input type="submit" value="登録"></form>'
    assert find_pressable([Screen(page)], "登録").kind == "button"


def test_a_picture_that_is_a_button_is_found_by_its_words():
    assert find_pressable([Screen('<a href="/x"><img alt="照会"></a>')], "照会").kind == "link"


def test_the_value_beside_a_label_is_read_from_cells_lists_and_running_text():
    pages = [
        "<table><tr><td>登録番号</td><td>W-1</td></tr></table>",
        "<dl><dt>登録番号</dt><dd>W-1</dd></dl>",
        "<p>登録番号：W-1</p>",
    ]
    assert [Screen(page).value_of("登録番号") for page in pages] == ["W-1"] * 3


def test_two_values_beside_one_label_are_no_value():
    page = "<table><tr><td>番号</td><td>1</td></tr><tr><td>番号</td><td>2</td></tr></table>"
    assert Screen(page).value_of("番号") is None


def test_rows_of_a_table_are_read_by_their_heads():
    page = "<table><tr><th>番号</th><th>氏名</th></tr><tr><td>1</td><td>山田</td></tr></table>"
    assert list(Screen(page).rows()) == [{"番号": "1", "氏名": "山田"}]


def test_scripts_and_styles_are_not_read():
    assert Screen("<script>var x = '秘密';</script><style>b{}</style><p>見える</p>").text == "見える"


@pytest.mark.parametrize("nothing", ["", "   ", "<!-- -->"])
def test_an_empty_page_says_nothing(nothing):
    assert Screen(nothing).text == ""
