"""The charts of the consolidated workbook: drawn from the cells beside them, so that a figure changed by hand changes its bar."""

from __future__ import annotations

from openpyxl.chart import BarChart, LineChart, Reference
from openpyxl.chart.label import DataLabelList
from openpyxl.chart.marker import DataPoint
from openpyxl.chart.series import SeriesLabel
from openpyxl.worksheet.worksheet import Worksheet

COLOURS = (
    "4C9A5B",
    "9CCB8F",
    "E6A23C",
    "D9793D",
    "5B8DC9",
    "B3261E",
)  # on time, cured, late, incomplete, in review, missing
THIS, LAST = "2F5C94", "B7C6DC"


def class_chart(page: Worksheet, head: int, count: int, title: str) -> None:
    """How many dues stand in each class: a bar each, in the class's colour."""
    chart = _bars(title, height=9, width=18)
    chart.add_data(Reference(page, min_col=2, min_row=head + 1, max_row=head + count))
    chart.set_categories(Reference(page, min_col=1, min_row=head + 1, max_row=head + count))
    chart.legend = None
    series = chart.series[0]
    for n, colour in enumerate(COLOURS[:count]):
        point = DataPoint(idx=n)
        point.graphicalProperties.solidFill = colour
        series.dPt.append(point)
    page.add_chart(chart, f"H{head}")


def figure_chart(page: Worksheet, head: int, count: int, top: int, title: str, names: tuple[str, str]) -> None:
    """The province's core figures of this period beside the last one's."""
    if not count:
        return
    chart = _bars(title, height=9, width=18)
    for column, name, colour in ((4, names[1], LAST), (2, names[0], THIS)):
        chart.add_data(Reference(page, min_col=column, min_row=head + 1, max_row=head + count))
        series = chart.series[-1]
        series.tx = SeriesLabel(v=name)
        series.graphicalProperties.solidFill = colour
    chart.set_categories(Reference(page, min_col=1, min_row=head + 1, max_row=head + count))
    if chart.legend is not None:
        chart.legend.position = "b"
    page.add_chart(chart, f"H{top + 17}")


def timeliness_chart(page: Worksheet, head: int, count: int, column: int, title: str) -> None:
    """Timeliness from period to period; a period without dues is a gap, never 0."""
    chart = LineChart()
    chart.title = title
    chart.height, chart.width = 9, 26
    chart.add_data(Reference(page, min_col=column, min_row=head + 1, max_row=head + count))
    chart.set_categories(Reference(page, min_col=1, min_row=head + 1, max_row=head + count))
    chart.legend = None
    chart.y_axis.scaling.min, chart.y_axis.scaling.max = 0, 100
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.display_blanks = "gap"
    chart.series[0].graphicalProperties.line.solidFill = THIS
    chart.series[0].smooth = False
    page.add_chart(chart, f"B{head + count + 3}")


def _bars(title: str, *, height: int, width: int) -> BarChart:
    chart = BarChart()
    chart.type, chart.style = "bar", 10
    chart.title = title
    chart.height, chart.width = height, width
    chart.gapWidth = 60
    chart.x_axis.scaling.orientation = "maxMin"  # the first category on top
    chart.x_axis.delete, chart.y_axis.delete = False, True  # each bar bears its number
    chart.y_axis.majorGridlines = None
    chart.dataLabels = DataLabelList()
    chart.dataLabels.showVal = True
    for unwanted in ("showSerName", "showCatName", "showLegendKey", "showPercent"):
        setattr(chart.dataLabels, unwanted, False)
    return chart
