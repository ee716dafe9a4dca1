package market

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// ChainLog names an append-only log that is chained by hashes.
type ChainLog string

// The chained logs.
const (
	AuditLog  ChainLog = "audit"
	LedgerLog ChainLog = "ledger"
)

// ChainLogs lists the chained logs.
var ChainLogs = []ChainLog{AuditLog, LedgerLog}

// Name returns the log's Chinese name.
func (l ChainLog) Name() string {
	return map[ChainLog]string{AuditLog: "审计日志", LedgerLog: "成交额账本"}[l]
}

// ChainAlgorithm is the hash that new entries are sealed with. Entries keep the name of theirs, so that another can follow.
const ChainAlgorithm = "sha256"

// ChainHash is the hash of entry seq of a log: over the hash before it, the log's name, the number and the row in the form
// that the database writes it in (store.chainRow). The first entry has no hash before it.
func ChainHash(before []byte, log ChainLog, seq int64, row []byte) []byte {
	h := sha256.New()
	h.Write(before)
	h.Write([]byte(log))
	h.Write(binary.BigEndian.AppendUint64([]byte{0}, uint64(seq)))
	h.Write(row)
	return h.Sum(nil)
}

// ChainEntry is an entry of a chain with the row it is about, nil when the row is gone.
type ChainEntry struct {
	Seq   int64
	RowID int64
	Hash  []byte
	Row   []byte
	At    time.Time // of the row
}

// ChainCheck goes along a chain from its beginning and finds the first thing that is wrong.
type ChainCheck struct {
	Log     ChainLog
	Seq     int64 // of the entry seen last: the head, at the end
	Hash    []byte
	newest  time.Time
	anchors []Anchor
}

// NewChainCheck checks a log's chain, also against anchors of it that were kept.
func NewChainCheck(log ChainLog, anchors []Anchor) *ChainCheck {
	c := &ChainCheck{Log: log}
	for _, a := range anchors {
		if a.Log == log {
			c.anchors = append(c.anchors, a)
		}
	}
	return c
}

// lateBy is how much older than the entry before it an entry of the audit may say that it is: clocks of several machines
// differ by less.
const lateBy = time.Hour

// Next takes the next entry and returns what is wrong with it, "" when it is right.
func (c *ChainCheck) Next(e ChainEntry) string {
	hash := ChainHash(c.Hash, c.Log, e.Seq, e.Row)
	switch {
	case e.Seq != c.Seq+1:
		return fmt.Sprintf("链上第 %d 条不见了：第 %d 条之后是第 %d 条", c.Seq+1, c.Seq, e.Seq)
	case e.Row == nil:
		return fmt.Sprintf("记录 %d（链上第 %d 条）不见了", e.RowID, e.Seq)
	case !bytes.Equal(hash, e.Hash):
		return fmt.Sprintf("记录 %d（链上第 %d 条）与封存时不同：内容、次序或链值被改过", e.RowID, e.Seq)
	case c.Log == AuditLog && e.At.Add(lateBy).Before(c.newest):
		return fmt.Sprintf("记录 %d（链上第 %d 条）是补插的：它写的时间是 %s，而前面的记录已到 %s", e.RowID, e.Seq, chainTime(e.At), chainTime(c.newest))
	}
	c.Seq, c.Hash = e.Seq, hash
	if e.At.After(c.newest) {
		c.newest = e.At
	}
	for _, a := range c.anchors {
		if a.Seq == e.Seq && !bytes.Equal(a.Hash, hash) {
			return fmt.Sprintf("链上第 %d 条与 %s 的锚不同：这一天以前的记录被整段改写过", e.Seq, a.Day.Format(time.DateOnly))
		}
	}
	return ""
}

// End returns what is wrong with the whole once the last entry was taken, "" when it is right.
func (c *ChainCheck) End() string {
	for _, a := range c.anchors {
		if a.Seq > c.Seq {
			return fmt.Sprintf("末尾被截去：%s 的锚记着第 %d 条，现在只到第 %d 条", a.Day.Format(time.DateOnly), a.Seq, c.Seq)
		}
	}
	return ""
}

func chainTime(t time.Time) string { return t.In(Shanghai).Format("2006-01-02 15:04:05") }

// Anchor is the head of a log at the end of a day.
type Anchor struct {
	Log  ChainLog  `db:"log"`
	Day  time.Time `db:"day"`
	Seq  int64     `db:"seq"`
	Hash []byte    `db:"hash"`
	At   time.Time `db:"at"` // when it was taken
}

// Line is the anchor as it is printed and kept elsewhere: 2026-11-26 audit 18234 5e1c….
func (a Anchor) Line() string {
	return fmt.Sprintf("%s %s %d %s", a.Day.Format(time.DateOnly), a.Log, a.Seq, hex.EncodeToString(a.Hash))
}

// ParseAnchor reads a line that Line has written. Case and spaces do not matter.
func ParseAnchor(line string) (Anchor, error) {
	wrong := Errorf(Invalid, "锚“%s”认不出来，应当像 2026-11-26 audit 18234 后面 64 位十六进制数", Truncate(line, 100))
	parts := strings.Fields(strings.ToLower(line))
	if len(parts) != 4 {
		return Anchor{}, wrong
	}
	a := Anchor{Log: ChainLog(parts[1])}
	var err error
	if a.Day, err = time.ParseInLocation(time.DateOnly, parts[0], Shanghai); err != nil {
		return Anchor{}, wrong
	}
	if a.Seq, err = strconv.ParseInt(parts[2], 10, 64); err != nil || a.Seq < 1 {
		return Anchor{}, wrong
	}
	if a.Hash, err = hex.DecodeString(parts[3]); err != nil || len(a.Hash) != sha256.Size || a.Log.Name() == "" {
		return Anchor{}, wrong
	}
	return a, nil
}
