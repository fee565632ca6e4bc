"""Makes the arrays of tests/cli/command.sh. usage: python make.py (NumPy)"""
import numpy as np

x = np.linspace(-1, 1, 38 * 6).reshape(38, 6).astype("float32")
y = (np.arange(38) % 3).astype("int32")
np.savez("good.npz", x=x, y=y)
np.savez("nan.npz", x=np.where(np.arange(38)[:, None] == 20, np.nan, x).astype("float32"), y=y)
np.savez("labels.npz", x=x, y=np.where(np.arange(38) == 5, 3, y).astype("int32"))
np.savez("shape.npz", x=x[:, :5], y=y)
np.savez("empty.npz", x=x[:0], y=y[:0])
np.save("x.npy", x)
