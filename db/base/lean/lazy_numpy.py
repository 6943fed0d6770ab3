"""numpy, imported at its first use: to load it takes longer than most commands work, and many never count with it.

For the modules that every opening of a workspace needs; others import numpy as usual.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__all__ = ["np"]

if TYPE_CHECKING:
    import numpy as np
else:

    class _Numpy:
        def __getattr__(self, name: str) -> Any:
            import numpy

            value = getattr(numpy, name)
            setattr(self, name, value)  # from now on found without a detour
            return value

    np = _Numpy()
