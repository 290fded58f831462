package camera

import (
	"fmt"
	"strings"
	"testing"
)

func TestPasswordsInPathAndQueryAreMaskedAndFilledInAgain(t *testing.T) {
	for stored, shown := range map[string]string{
		"rtsp://10.0.0.1/user=admin&password=tlJwpbo6&channel=1&stream=0.sdp?real_stream": "rtsp://10.0.0.1/user=admin&password=•••&channel=1&stream=0.sdp?real_stream",
		"rtsp://10.0.0.1/user=admin_password=tlJ_wpbo6_channel=1_stream=0.sdp":            "rtsp://10.0.0.1/user=admin_password=•••_channel=1_stream=0.sdp",
		"rtsp://10.0.0.1/user=admin_password=tlJwpbo6":                                    "rtsp://10.0.0.1/user=admin_password=•••",
		"rtsp://10.0.0.1/cam?usr=admin&PWD=12_34&ch=1":                                    "rtsp://10.0.0.1/cam?usr=admin&PWD=•••&ch=1",
		"rtsp://10.0.0.1/a?pass=1&passwd=2":                                               "rtsp://10.0.0.1/a?pass=•••&passwd=•••",
		"rtsp://10.0.0.1/user=admin&password=&channel=1":                                  "rtsp://10.0.0.1/user=admin&password=&channel=1",
		"rtsp://10.0.0.1/cam?channel=1&authbasic=YWRtaW46dGxKd3Bibw==":                    "rtsp://10.0.0.1/cam?channel=1&authbasic=•••",
		"rtsp://10.0.0.1/s0?token=tlJwpbo6":                                               "rtsp://10.0.0.1/s0?token=•••",
		"rtsp://10.0.0.1/bypass=1/compass=2":                                              "rtsp://10.0.0.1/bypass=1/compass=2",
		"rtsp://10.0.0.1/":                                                                "rtsp://10.0.0.1/",
	} {
		if got := mask(stored); got != shown {
			t.Errorf("%s is shown as %s", stored, got)
		}
		back, carried, ok := unmask(shown, stored)
		if back != stored || !ok || carried != strings.Contains(shown, redacted) {
			t.Errorf("%s comes back as %s (%v, %v)", shown, back, carried, ok)
		}
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			if got := fmt.Sprintf(verb, Target{Address: stored}); strings.Contains(got, "wpbo6") || strings.Contains(got, "12_34") {
				t.Errorf("a target prints %s", got)
			}
		}
	}
	for _, sent := range []string{"rtsp://h/password=•••", "rtsp://h/?pwd=•••&pass=•••"} {
		if _, _, ok := unmask(sent, "rtsp://h/"); ok {
			t.Errorf("dots without a password behind them are taken: %s", sent)
		}
	}
}
