"""Named, generated and uploaded data behind one `Dataset`; nothing loads at import."""

from dl_techniques.datasets.dataset import Dataset
from dl_techniques.datasets.errors import DatasetError
from dl_techniques.datasets.info import DataKind, DatasetInfo, DataTask
from dl_techniques.datasets.knobs import KNOBS
from dl_techniques.datasets.previews import Preview, preview
from dl_techniques.datasets.registry import dataset_info, dataset_infos, load_dataset
from dl_techniques.datasets.shelf import UploadInfo, delete_upload, upload_infos
from dl_techniques.datasets.uploads import store_upload

__all__ = [
    "KNOBS",
    "DataKind",
    "DataTask",
    "Dataset",
    "DatasetError",
    "DatasetInfo",
    "Preview",
    "UploadInfo",
    "dataset_info",
    "dataset_infos",
    "delete_upload",
    "load_dataset",
    "preview",
    "store_upload",
    "upload_infos",
]
