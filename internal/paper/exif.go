package paper

import (
	"bytes"
	"encoding/binary"
)

// orientationTag is the EXIF tag that says how a camera was held.
const orientationTag = 0x0112

// orientation is how a JPEG wants to be turned, 1 to 8; 0 when it does not say.
func orientation(content []byte) int {
	tiff := exif(content)
	if len(tiff) < 8 {
		return 0
	}
	var order binary.ByteOrder = binary.BigEndian
	if bytes.HasPrefix(tiff, []byte("II")) {
		order = binary.LittleEndian
	}
	start := int(order.Uint32(tiff[4:]))
	if start < 8 || start > len(tiff)-2 {
		return 0
	}
	entries := tiff[start+2:]
	for range order.Uint16(tiff[start:]) {
		if len(entries) < 12 {
			return 0
		}
		if order.Uint16(entries) == orientationTag {
			return int(order.Uint16(entries[8:]))
		}
		entries = entries[12:]
	}
	return 0
}

// exif returns the TIFF block of a JPEG's EXIF segment, nil when there is none.
func exif(content []byte) []byte {
	const marker, app1, scan = 0xff, 0xe1, 0xda
	for rest := content[min(2, len(content)):]; len(rest) >= 4 && rest[0] == marker && rest[1] != scan; {
		length := 2 + int(binary.BigEndian.Uint16(rest[2:]))
		if length > len(rest) {
			return nil
		}
		if block, ok := bytes.CutPrefix(rest[4:length], []byte("Exif\x00\x00")); ok && rest[1] == app1 {
			return block
		}
		rest = rest[length:]
	}
	return nil
}
