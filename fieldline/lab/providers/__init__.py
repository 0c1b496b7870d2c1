"""Stand-ins for the voice's providers: see stand_ins.py."""

from fieldline.lab.providers.chat import Answer, Mind, text_of
from fieldline.lab.providers.delays import Delays
from fieldline.lab.providers.faults import FAULTS, SERVICES, Fault, Service
from fieldline.lab.providers.stand_ins import ProviderStandIns

__all__ = ["FAULTS", "SERVICES", "Answer", "Delays", "Fault", "Mind", "ProviderStandIns", "Service", "text_of"]
