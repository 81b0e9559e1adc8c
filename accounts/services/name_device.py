"""A person calls their device something they know it by."""

from __future__ import annotations

from accounts.models import Device


def name_device(device: Device, *, name: str) -> Device:
    device.name = name
    device.save(update_fields=["name"])
    return device
