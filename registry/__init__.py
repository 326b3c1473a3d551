"""What is known before a document is read: chips, machines, developers, models, techniques and export controls."""

from registry.catalogue import Registry, load
from registry.chips import Chip
from registry.tables import RegistryError, Spelling

__all__ = ["Chip", "Registry", "RegistryError", "Spelling", "load"]
