// SPDX-License-Identifier: MPL-2.0
// The cell that a picture worker locks itself into before it reads the first byte of the picture.
#pragma once

// Gives up for good, for this process: files (by Landlock where the kernel has it, and by system call), the network, other processes, new programs, code
// that is made at run time, core dumps, being traced, privileges, and all memory and time beyond what one picture needs. What a library may try in good
// faith (opening a file) is refused with an error; any other call kills the process. Call with one thread, after the libraries were loaded and
// made ready. 0, or -E… and the process must leave.
int cell_enter(void);
