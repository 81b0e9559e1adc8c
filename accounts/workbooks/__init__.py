"""Workbooks of other programs as rows of stored values. No database, no clock; nothing evaluated.

guard   is it a workbook, and one that may be unfolded at all?
grid    its first sheet as rows of stored values
parts   the parts of an .xlsx: which one is the first sheet, and a way to copy one with changes
"""
