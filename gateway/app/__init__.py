"""The composition root: settings become parts (`build`), and the parts live (`lifecycle`)."""
