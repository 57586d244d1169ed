/* SPDX-License-Identifier: GPL-2.0 */
#include "tiny.h"

OUTPUT_FORMAT("elf64-x86-64")
ENTRY(start32)

PHDRS {
	kernel PT_LOAD FLAGS(7);
	code PT_LOAD FLAGS(7);
	note PT_NOTE FLAGS(4);
}

SECTIONS {
	. = TINY_KERNEL_GPA;
	.text : { *(.text .text.*) *(.rodata .rodata.*) } :kernel
	.note : { KEEP(*(.note.Xen)) } :kernel :note
	.data : { *(.data .data.*) } :kernel
	.bss : { *(.bss .bss.*) *(COMMON) } :kernel
	ASSERT(. <= TINY_CODE_GPA, "kernel too large")

	. = TINY_CODE_GPA;
	.code : { *(.tiny.code) } :code
	ASSERT(. <= TINY_CTL_GPA, "code too large")

	/*
	 * Everything up to TINY_END_GPA belongs to the image, so that the
	 * toolstack puts its start info behind it.
	 */
	. = TINY_CTL_GPA;
	.fixed (NOLOAD) : { . = . + TINY_END_GPA - TINY_CTL_GPA; } :code

	/DISCARD/ : { *(.note.GNU-stack) *(.note.gnu*) *(.comment) *(.eh_frame) }
}
