"""How far the town is with the DX plan, what that brought, and whether all localities get on without disparity."""
