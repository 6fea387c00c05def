"""Reading FOCUS billing exports: columns, dialects, manifests, rejects, typed Parquet."""
