"""Payments that a person decides about, and a page of the open world."""

from stepsmith.tool import serve

from .ledger import look, refund

handler = serve({"refund": refund, "pay": refund, "look": look})
