#include "census.h"
void owner_saw(uint64_t pfn, uint64_t nr, enum page_class class, uint64_t word, uint32_t page_type)
{(void)pfn,(void)nr,(void)class,(void)word,(void)page_type;}
