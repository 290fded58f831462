package main

import (
	"bufio"
	"bytes"
	"os"
	"strconv"
	"strings"
)

// usableMemory gives the bytes that this process may use: the machine's memory, or less if a control group (v2, then v1) bounds it.
// Where nothing can be read it gives 1 GiB.
func usableMemory() int64 {
	total := int64(1 << 30)
	if text, err := os.ReadFile("/proc/meminfo"); err == nil {
		if n, ok := memTotal(text); ok {
			total = n
		}
	}
	for _, file := range []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"} {
		text, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		if n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64); err == nil && n > 0 && n < total {
			total = n
		}
	}
	return total
}

// memTotal reads the line "MemTotal: 16384 kB" of /proc/meminfo (proc(5)).
func memTotal(meminfo []byte) (int64, bool) {
	lines := bufio.NewScanner(bytes.NewReader(meminfo))
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) >= 2 && fields[0] == "MemTotal:" {
			kib, err := strconv.ParseInt(fields[1], 10, 64)
			return kib << 10, err == nil
		}
	}
	return 0, false
}
