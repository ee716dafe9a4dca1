package store

import "github.com/lib/pq"

// stringArray reads and writes text[].
type stringArray = pq.StringArray

// int64Array reads and writes bigint[].
type int64Array = pq.Int64Array
