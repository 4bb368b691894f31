"""Files -> records -> splits: readers, the catalogue of named sets, splitting and auditing.

No torch here, and no other heavy library before a source that needs it is read.
"""

from seqkit.data.alternatives import Alternatives, group_references
from seqkit.data.audit import audit
from seqkit.data.audit_report import Audit, Leak, Lengths, Repeat, SplitAudit
from seqkit.data.blocks import cut_blocks
from seqkit.data.catalogue import (
    BUNDLED,
    PUBLIC,
    BundledSet,
    PublicSet,
    bundled_path,
    bundled_set,
    official_split,
)
from seqkit.data.collection import Collection, CollectionConfig, load_collection
from seqkit.data.config import LabeledDataConfig, LabeledSplits, cut_folds, load_labeled
from seqkit.data.content import content_key, content_text
from seqkit.data.document_audit import DocumentAudit, DocumentAuditor
from seqkit.data.joined import DocumentConfig, document_texts, lines_a_document
from seqkit.data.labels import check_labels
from seqkit.data.near import MinHashes, join_groups
from seqkit.data.pair_audit import audit_pairs
from seqkit.data.pair_audit_report import PairAudit, PairLeak, PairSplitAudit, SideAudit
from seqkit.data.pair_filter import FilterResult, PairFilterConfig, filter_pairs
from seqkit.data.pairs import PairDataConfig, PairSplits, PairStats, load_pairs, whole_pairs
from seqkit.data.readers import (
    MAX_CHARS,
    EncodingErrors,
    ReadStats,
    Retrieval,
    holds_pairs,
    read_documents,
    read_labeled,
    read_pairs,
    read_retrieval,
    read_tagged,
    read_text,
)
from seqkit.data.records import Document, Judgement, LabeledText, Pair, Query, TaggedSentence
from seqkit.data.running import (
    TextDataConfig,
    TextSplit,
    TextSplits,
    load_split,
    load_text,
    text_lines,
)
from seqkit.data.running_audit import LONG_LINE, LineLeak, TextAudit, TextSplitAudit, audit_text
from seqkit.data.split import FRACTIONS, assign, holdout, kfold, split_labeled
from seqkit.data.split_files import SplitFormat, write_splits

__all__ = [
    "BUNDLED",
    "FRACTIONS",
    "LONG_LINE",
    "MAX_CHARS",
    "PUBLIC",
    "Alternatives",
    "Audit",
    "BundledSet",
    "Collection",
    "CollectionConfig",
    "Document",
    "DocumentAudit",
    "DocumentAuditor",
    "DocumentConfig",
    "EncodingErrors",
    "FilterResult",
    "Judgement",
    "LabeledDataConfig",
    "LabeledSplits",
    "LabeledText",
    "Leak",
    "Lengths",
    "LineLeak",
    "MinHashes",
    "Pair",
    "PairAudit",
    "PairDataConfig",
    "PairFilterConfig",
    "PairLeak",
    "PairSplitAudit",
    "PairSplits",
    "PairStats",
    "PublicSet",
    "Query",
    "ReadStats",
    "Repeat",
    "Retrieval",
    "SideAudit",
    "SplitAudit",
    "SplitFormat",
    "TaggedSentence",
    "TextAudit",
    "TextDataConfig",
    "TextSplit",
    "TextSplitAudit",
    "TextSplits",
    "assign",
    "audit",
    "audit_pairs",
    "audit_text",
    "bundled_path",
    "bundled_set",
    "check_labels",
    "content_key",
    "content_text",
    "cut_blocks",
    "cut_folds",
    "document_texts",
    "filter_pairs",
    "group_references",
    "holdout",
    "holds_pairs",
    "join_groups",
    "kfold",
    "lines_a_document",
    "load_collection",
    "load_labeled",
    "load_pairs",
    "load_split",
    "load_text",
    "official_split",
    "read_documents",
    "read_labeled",
    "read_pairs",
    "read_retrieval",
    "read_tagged",
    "read_text",
    "split_labeled",
    "text_lines",
    "whole_pairs",
    "write_splits",
]
