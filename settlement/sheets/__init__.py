"""The personnel system's workbooks, in and out. No database, no clock: bytes in, values out.

month      the rows of '관내출장내역', each with its faults by cell
filling    the same workbook with sums and reasons in it, all else as it was
books      what we draw ourselves: 요약, 정리결과, 지급조서, 관내여비 점검, payment file
words      every code in Korean and English
"""
