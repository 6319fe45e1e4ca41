"""What templates of the site can do with words."""

from __future__ import annotations

from yakuba.site.templatetags.yakuba import whole_numbers


def test_a_telephone_number_is_not_broken_at_its_hyphens_and_nothing_else_is_changed():
    shown = whole_numbers("健康福祉課 <窓口> 電話 0887-00-0000 8時30分-17時")
    assert shown == '健康福祉課 &lt;窓口&gt; 電話 <span class="nowrap">0887-00-0000</span> 8時30分-17時'
