"""Passwords of proxies, which jobs kept, go. Released: never changed."""

from __future__ import annotations

from typing import Final

SQL: Final = """
UPDATE jobs SET params = json_set(params, '$.proxy',
  substr(params ->> '$.proxy', 1, instr(params ->> '$.proxy', '://') + 2)
  || substr(params ->> '$.proxy', instr(params ->> '$.proxy', '@') + 1))
WHERE instr(ifnull(params ->> '$.proxy', ''), '@') > 0;
"""
