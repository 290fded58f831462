package probe

import (
	"encoding/hex"
	"fmt"
	"strconv"

	"github.com/rtsp-viewer/rtsp-viewer/relay"
)

// profilesH264 are by profile_idc (ITU-T H.264, annex A).
var profilesH264 = map[byte]string{
	66: "Baseline", 77: "Main", 88: "Extended", 100: "High", 110: "High 10", 122: "High 4:2:2", 244: "High 4:4:4 Predictive",
}

// profilesH265 are by general_profile_idc (ITU-T H.265, annex A).
var profilesH265 = map[byte]string{1: "Main", 2: "Main 10", 3: "Main Still Picture", 4: "Format Range Extensions", 9: "Screen-Extended"}

// profileOf names profile and level as camera makers do; empty if they are not known.
func profileOf(c relay.Codec) (profile, level string) {
	b, err := hex.DecodeString(c.Profile)
	if err != nil || len(b) != 3 {
		return "", ""
	}
	switch c.Name {
	case "H264":
		profile = named(profilesH264, b[0])
		if b[0] == 66 && b[1]&0x40 != 0 { // constraint_set1_flag
			profile = "Constrained Baseline"
		}
		if b[2] == 9 || b[2] == 11 && b[1]&0x10 != 0 && b[0] < 100 { // constraint_set3_flag
			return profile, "1b"
		}
		return profile, fmt.Sprintf("%d.%d", b[2]/10, b[2]%10)
	case "H265":
		level = fmt.Sprintf("%d.%d", b[2]/30, b[2]%30/3)
		if b[1] != 0 {
			level += " High"
		}
		return named(profilesH265, b[0]), level
	}
	return "", ""
}

func named(names map[byte]string, idc byte) string {
	if name, ok := names[idc]; ok {
		return name
	}
	return strconv.Itoa(int(idc))
}
