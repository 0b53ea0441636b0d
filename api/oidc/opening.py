"""Opens the configured provider, or says plainly why there is none."""

from importlib import import_module
from typing import Any, Final

from api.config import OidcConfig
from api.oidc.port import Prover
from ledger.clock import Clock

NOT_INSTALLED: Final = (
    "COUNTERFOIL_OIDC_ISSUER is set, but the libraries are not installed: nobody can "
    "sign in to find a lost receipt. Install them: pip install 'counterfoil[oidc]'"
)


def open_provider(config: OidcConfig | None, clock: Clock, log: Any) -> Prover | None:
    """The configured provider; None where there is none, or its libraries are missing.

    The provider itself is first asked when somebody signs in: it may be away now.
    """
    if config is None:
        return None
    try:
        module = import_module("api.oidc.provider")
    except ModuleNotFoundError:
        log.warning("sign_in_not_installed", meaning=NOT_INSTALLED)
        return None
    opened: Prover = module.Provider(config, clock, log)
    return opened
